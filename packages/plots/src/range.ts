/** The lowest and highest value along an axis. */
export type Range = readonly [low: number, high: number];

/** The lowest and highest of some values; undefined of none. */
export function rangeOf(values: ArrayLike<number>): Range | undefined {
  if (values.length === 0) return undefined;
  let low = values[0]!;
  let high = low;
  for (let i = 1; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return [low, high];
}

/** The smallest range that holds all of some ranges; undefined of none. */
export function joinRanges(ranges: readonly (Range | undefined)[]): Range | undefined {
  return rangeOf(ranges.flatMap((range) => range ?? []));
}
