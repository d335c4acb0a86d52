import type { FloatArray } from '@tweedie/core';
import type { Estimate } from './estimate.js';
import { checkPositive, refuseOption } from './options.js';
import { pointSet, rowSet, squaredDistance } from './point-set.js';

export interface ModeWeights {
  /** The share of each mode, in the order of the centres. */
  readonly weights: readonly Estimate[];
  /** The share of points further than the radius from every centre. */
  readonly outside: Estimate;
}

/**
 * The share of points that are nearest to each centre, and within a radius of it where one is given
 * (the first of equally near ones). Standard errors are those of a binomial share, √(p(1 − p)/(N − 1));
 * where the share is 0 or 1 this is 0, and the true share is then within about 3/N (95 %).
 *
 * @param points [N, ...itemShape], at least 2
 * @param centres rows of as many numbers, such as the means of a mixture
 * @param options.radius default Infinity
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE (too few points, no centres), NOT_FINITE,
 * INVALID_OPTION
 */
export function modeWeights(
  points: FloatArray,
  centres: readonly (readonly number[])[],
  options: { readonly radius?: number } = {},
): ModeWeights {
  const { radius = Number.POSITIVE_INFINITY } = options;
  checkPositive('radius', radius);
  const set = pointSet('the points', points, 2);
  const modes = rowSet('the centres', centres, set.dimension);
  const counts = new Array<number>(modes.count).fill(0);
  for (let i = 0; i < set.count; i++) {
    let nearest = 0;
    let least = squaredDistance(set, i, modes, 0);
    for (let k = 1; k < modes.count; k++) {
      const distance = squaredDistance(set, i, modes, k);
      if (distance < least) [nearest, least] = [k, distance];
    }
    if (least <= radius ** 2) counts[nearest]! += 1;
  }
  const found = counts.reduce((sum, count) => sum + count, 0);
  return {
    weights: counts.map((count) => shareEstimate(count, set.count)),
    outside: shareEstimate(set.count - found, set.count),
  };
}

function shareEstimate(count: number, of: number): Estimate {
  const value = count / of;
  return { value, standardError: Math.sqrt((value * (1 - value)) / (of - 1)) };
}

export interface ModeCoverageOptions {
  /** Points further than this from their centre belong to no mode. Default Infinity. */
  readonly radius?: number;
  /** The share of the points from which a mode is covered. Default a tenth of an equal share. */
  readonly atLeast?: number;
}

export interface ModeCoverage extends Estimate {
  /** Whether each mode is covered, in the order of the centres. */
  readonly covered: readonly boolean[];
  readonly modes: ModeWeights;
}

/**
 * The share of modes that have at least a given share of the points. Its standard error comes from the
 * modes near that threshold: mode k is covered with a probability of about q = Φ((weight −
 * atLeast)/error), and the error is √Σq(1 − q)/K.
 *
 * @param points [N, ...itemShape], at least 2
 * @param centres rows of as many numbers
 * @throws TweedieError as `modeWeights`
 */
export function modeCoverage(
  points: FloatArray,
  centres: readonly (readonly number[])[],
  options: ModeCoverageOptions = {},
): ModeCoverage {
  const { radius = Number.POSITIVE_INFINITY, atLeast = 0.1 / centres.length } = options;
  const modes = modeWeights(points, centres, { radius });
  if (!(atLeast > 0 && atLeast <= 1)) {
    refuseOption(`atLeast is ${atLeast}`, 'a number above 0 and at most 1');
  }
  const covered = modes.weights.map(({ value }) => value >= atLeast);
  const variance = modes.weights.reduce((sum, { value, standardError }) => {
    // A logistic curve in place of Φ, within 0.01 of it; 0 or 1 for a share without error.
    const away = standardError === 0 ? Number.POSITIVE_INFINITY : (value - atLeast) / standardError;
    const q = 1 / (1 + Math.exp(-1.702 * away));
    return sum + q * (1 - q);
  }, 0);
  return {
    value: covered.filter(Boolean).length / covered.length,
    standardError: Math.sqrt(variance) / covered.length,
    covered,
    modes,
  };
}
