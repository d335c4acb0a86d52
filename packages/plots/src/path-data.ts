/** A pixel coordinate, to a tenth of a pixel where that is enough and to a hundredth below 10. */
export function coordinate(value: number): string {
  const digits = Math.abs(value) < 10 ? 100 : 10;
  const rounded = Math.round(value * digits) / digits;
  return String(rounded === 0 ? 0 : rounded);
}

/** Path data through points given as alternating x and y. */
export function pathThrough(xy: ArrayLike<number>, closed = false): string {
  let path = '';
  let before = '';
  for (let i = 0; i + 1 < xy.length; i += 2) {
    const at = `${coordinate(xy[i]!)} ${coordinate(xy[i + 1]!)}`;
    // Points that fall on one another at this precision would only make the file longer.
    if (at === before) continue;
    path += `${i === 0 ? 'M' : 'L'}${at}`;
    before = at;
  }
  return closed ? `${path}Z` : path;
}
