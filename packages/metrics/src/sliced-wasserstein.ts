import type { FloatArray, Rng } from '@tweedie/core';
import { type Estimate, meanEstimate } from './estimate.js';
import { checkWhole, refuseOption } from './options.js';
import { type PointSet, twoPointSets } from './point-set.js';

export interface SlicedWassersteinOptions {
  /** Source of the directions; direction i depends on (rng, i) only. */
  readonly rng: Rng;
  /** p of the distance: 1 or 2. Default 2. */
  readonly order?: 1 | 2;
  /** Number of directions. Default 128. */
  readonly projections?: number;
}

export interface SlicedWasserstein extends Estimate {
  /** SW_p^p: the mean over directions, and its standard error. */
  readonly power: Estimate;
}

/**
 * The sliced Wasserstein distance SW_p = (mean over directions θ of W_p(⟨θ, X⟩, ⟨θ, Y⟩)^p)^(1/p) of
 * two sets of points. Bonneel, Rabin, Peyré & Pfister, "Sliced and Radon Wasserstein barycenters of
 * measures" (2015). Directions are uniform on the sphere; along each the distance is exact, by
 * sorting, for sets of equal and of different sizes.
 *
 * The standard error covers the choice of directions only: it is the error with respect to the
 * distance of the same points over all directions (0 in one dimension). That distance is biased
 * upwards with respect to that of the distributions; the distance of two sets from one distribution
 * shows by how much. The error of the root follows from that of its power, error/(p SW^(p − 1)).
 *
 * @param x [M, ...itemShape]
 * @param y [N, ...itemShape]
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE (no points), NOT_FINITE, INVALID_OPTION
 */
export function slicedWasserstein(
  x: FloatArray,
  y: FloatArray,
  { rng, order = 2, projections = 128 }: SlicedWassersteinOptions,
): SlicedWasserstein {
  const [first, second] = twoPointSets(['the points x', x], ['the points y', y], 1);
  if (order !== 1 && order !== 2) refuseOption(`order is ${order}`, '1 or 2');
  checkWhole('projections', projections, 2);
  const { dimension } = first;
  const directions = rng.normal([projections, dimension]).data;
  const powers = Float64Array.from({ length: projections }, (_, i) => {
    const direction = unit(directions.subarray(i * dimension, (i + 1) * dimension));
    return wassersteinPower(project(first, direction), project(second, direction), order);
  });
  const power = meanEstimate(powers);
  const value = power.value ** (1 / order);
  return {
    value,
    // At distance 0 all directions agree.
    standardError: value === 0 ? 0 : power.standardError / (order * value ** (order - 1)),
    power,
  };
}

function unit(vector: Float32Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return Float64Array.from(vector, (value) => value / length);
}

/** The points along a direction, sorted. */
function project({ data, count, dimension }: PointSet, direction: Float64Array): Float64Array {
  const along = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let d = 0; d < dimension; d++) sum += direction[d]! * data[i * dimension + d]!;
    along[i] = sum;
  }
  return along.sort();
}

/** W_p^p of two sorted lists: ∫|F⁻¹ − G⁻¹|^p over (0, 1), whose steps lie at i/m and j/n. */
function wassersteinPower(x: Float64Array, y: Float64Array, order: 1 | 2): number {
  const [m, n] = [x.length, y.length];
  let total = 0;
  let [i, j, done] = [0, 0, 0];
  // In units of 1/(mn), so that the steps meet exactly.
  while (i < m && j < n) {
    const next = Math.min((i + 1) * n, (j + 1) * m);
    total += (next - done) * Math.abs(x[i]! - y[j]!) ** order;
    done = next;
    if (next === (i + 1) * n) i++;
    if (next === (j + 1) * m) j++;
  }
  return total / (m * n);
}
