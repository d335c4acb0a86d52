import { type FloatArray, type Rng, sizeOf, TweedieError } from '@tweedie/core';

export interface PairwiseDistanceOptions {
  /** Look at so many of the points only, chosen by `rng`; a lower bound then. Default: all. */
  readonly sample?: number | undefined;
  /** Chooses them; needed with `sample`. */
  readonly rng?: Rng | undefined;
}

/**
 * The largest Euclidean distance between two of the points. Exact, in memory that grows with their
 * number only: points are taken from the outside in, and pairs that cannot be further apart than
 * the best so far, by the triangle inequality through the mean, are left out. Time grows with N² D
 * where all points are about as far from the mean (images), so take a sample of more than some
 * thousands.
 *
 * @param points [N, ...itemShape], N ≥ 2
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE (fewer than two points, a sample without rng),
 * NOT_FINITE
 */
export function largestPairwiseDistance(
  points: FloatArray,
  options: PairwiseDistanceOptions = {},
): number {
  const { data, shape } = points;
  const [count = 0, ...itemShape] = shape;
  const dimension = sizeOf(itemShape);
  if (shape.length === 0 || dimension < 1 || data.length !== count * dimension) {
    refuse(
      'INVALID_SHAPE',
      `the points have the shape [${shape.join(', ')}] and ${data.length} numbers`,
      '[N, ...shape of one item]',
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    refuse(
      'NOT_FINITE',
      `point ${Math.floor(bad / dimension)} holds ${data[bad]}`,
      'finite numbers',
    );
  }
  const chosen = chosenRows(count, options);
  if (chosen.length < 2) refuse('INVALID_VALUE', `there are ${chosen.length} points`, 'at least 2');
  const mean = new Float64Array(dimension);
  for (const i of chosen) {
    for (let d = 0; d < dimension; d++) mean[d]! += data[i * dimension + d]! / chosen.length;
  }
  const outward = Array.from(chosen, (i) => {
    let square = 0;
    for (let d = 0; d < dimension; d++) square += (data[i * dimension + d]! - mean[d]!) ** 2;
    // A little more than it is, so that rounding leaves out no pair.
    return { start: i * dimension, radius: Math.sqrt(square) * (1 + 1e-9) };
  }).sort((a, b) => b.radius - a.radius);
  let largest = 0;
  for (let i = 1; i < outward.length; i++) {
    const { start, radius } = outward[i]!;
    const best = Math.sqrt(largest);
    for (let j = 0; j < i && radius + outward[j]!.radius > best; j++) {
      const other = outward[j]!.start;
      let square = 0;
      for (let d = 0; d < dimension; d++) square += (data[start + d]! - data[other + d]!) ** 2;
      if (square > largest) largest = square;
    }
  }
  return Math.sqrt(largest);
}

function chosenRows(count: number, { sample, rng }: PairwiseDistanceOptions): Int32Array {
  if (sample === undefined) return Int32Array.from({ length: count }, (_, i) => i);
  if (!Number.isInteger(sample) || sample < 2) {
    refuse('INVALID_VALUE', `sample is ${sample}`, 'a whole number of at least 2');
  }
  if (rng === undefined) {
    refuse('INVALID_VALUE', `sample is ${sample} and there is no rng`, 'an rng that chooses');
  }
  return rng.permutation(count).subarray(0, sample);
}

function refuse(
  code: 'INVALID_SHAPE' | 'INVALID_VALUE' | 'NOT_FINITE',
  given: string,
  allowed: string,
): never {
  throw new TweedieError({ code, package: 'schedules', given, allowed });
}
