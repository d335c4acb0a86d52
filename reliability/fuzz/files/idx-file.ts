import type { Dice } from '../../dice.js';
import { damaged, extremes, joined, randomBytes } from './damage.js';

const widths = new Map([
  [0x08, 1],
  [0x09, 1],
  [0x0b, 2],
  [0x0c, 4],
  [0x0d, 4],
  [0x0e, 8],
]);

/** An IDX file: mostly right, then wrong in its kind, axes, extents or size. */
export function idxFile(dice: Dice): Uint8Array {
  const odd = (times: number) => dice.oneIn(times);
  const kind = odd(20) ? dice.below(256) : dice.pick([...widths.keys()]);
  const extents = Array.from({ length: odd(50) ? dice.below(256) : dice.below(5) }, () =>
    odd(20) ? dice.pick(extremes) : dice.below(5),
  );
  const length = extents.reduce((product, extent) => product * extent, 1);
  const bytes = Math.min(length, 1000) * (widths.get(kind) ?? 1) + (odd(20) ? dice.below(5) : 0);
  const shape = Buffer.alloc(4 * extents.length);
  for (const [axis, extent] of extents.entries()) shape.writeUInt32BE(extent, 4 * axis);
  const rank = odd(40) ? dice.below(256) : extents.length;
  const start = Uint8Array.of(odd(60) ? 1 : 0, 0, kind, rank);
  return damaged(dice, joined(start, shape, randomBytes(dice, bytes)));
}
