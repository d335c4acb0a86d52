/**
 * What an export may differ by, and the size of errors, relative to the largest terms of the denoiser,
 * that its precision makes: rounding in single precision, or to int8.
 */
export const precisions = {
  float32: { tolerance: 1e-5, error: 1e-6, norm: largest },
  // Errors of int8 are many and independent; the largest of them says little.
  int8: { tolerance: 0.1, error: 0.02, norm: rootMeanSquare },
} as const;

export type Precision = (typeof precisions)[keyof typeof precisions];

/** The largest absolute value; NaN where one is. */
function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (!(size <= most)) most = size;
    if (Number.isNaN(size)) return size;
  }
  return most;
}

function rootMeanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum / values.length);
}

/** How far arrays lie apart, over their own size or that of the terms that they are sums of. */
export function differenceOf(
  { norm }: Precision,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  terms = 0,
): number {
  const gap = norm(Float64Array.from(actual, (value, i) => value - expected[i]!));
  // NaN on either side is no agreement.
  if (Number.isNaN(gap)) return Number.POSITIVE_INFINITY;
  return gap === 0 ? 0 : gap / Math.max(norm(expected), terms);
}
