/** The middle number of a list, or the mean of the two in the middle. */
export function median(values) {
  if (values.length === 0) throw new Error('median of no numbers');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The largest relative difference between two lists of the same length. */
export function relativeDifference(values, reference) {
  if (values.length !== reference.length) throw new Error('lists of different lengths');
  return Math.max(
    ...values.map((value, i) => Math.abs(value - reference[i]) / Math.abs(reference[i])),
  );
}

/** A list turned left by `by` places, so that nobody is always first. */
export function rotated(list, by) {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
