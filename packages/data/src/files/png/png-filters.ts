import { corruptPng } from './corrupt-png.js';

/**
 * Undoes the filters of rows in place (PNG specification, section 9.2). Each row begins with a byte
 * that names its filter.
 *
 * @param pixelBytes bytes of a pixel, at least 1
 * @throws TweedieError CORRUPT_FILE for an unknown filter
 */
export function removeFilters(
  rows: Uint8Array,
  rowBytes: number,
  pixelBytes: number,
  where: string,
): void {
  for (let at = 0; at < rows.length; at += 1 + rowBytes) {
    const filter = rows[at]!;
    if (filter > 4) throw corruptPng(where, `a row has the filter ${filter}`);
    const first = at === 0;
    const begin = at + 1;
    const end = begin + rowBytes;
    for (let i = begin; filter !== 0 && i < end; i++) {
      const hasLeft = i - pixelBytes >= begin;
      const left = hasLeft ? rows[i - pixelBytes]! : 0;
      const up = first ? 0 : rows[i - rowBytes - 1]!;
      if (filter === 1) rows[i]! += left;
      else if (filter === 2) rows[i]! += up;
      else if (filter === 3) rows[i]! += (left + up) >> 1;
      else {
        const corner = first || !hasLeft ? 0 : rows[i - rowBytes - 1 - pixelBytes]!;
        rows[i]! += nearest(left, up, corner);
      }
    }
  }
}

/** Whichever of three neighbours is nearest to left + up − corner (Paeth). */
function nearest(left: number, up: number, corner: number): number {
  const [toLeft, toUp] = [Math.abs(up - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
