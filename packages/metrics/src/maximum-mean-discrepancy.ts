import type { FloatArray } from '@tweedie/core';
import type { Estimate } from './estimate.js';
import { kernelDiscrepancies, minPoints } from './kernel-discrepancy.js';
import { checkPositive, refuseOption } from './options.js';
import { type PointSet, squaredDistance, twoPointSets } from './point-set.js';

export interface MaximumMeanDiscrepancyOptions {
  /**
   * Standard deviations of the Gaussian kernels. Default: 1/4, 1/2, 1, 2 and 4 times the median
   * distance between points of both sets together (of each set's first 500). The default changes with
   * the data, so give the bandwidths when results are to be compared.
   */
  readonly bandwidths?: readonly number[] | undefined;
}

export interface MaximumMeanDiscrepancy extends Estimate {
  readonly bandwidths: readonly number[];
  /** MMD² by the kernel of each bandwidth alone. */
  readonly each: readonly Estimate[];
}

/**
 * The squared maximum mean discrepancy of two distributions, E k(X, X') + E k(Y, Y') − 2 E k(X, Y),
 * estimated from samples of each, with the mean of Gaussian kernels k(a, b) = exp(−‖a − b‖²/(2h²)) over
 * the bandwidths h. It is 0 for equal distributions, positive otherwise and at most 2. The estimate is
 * the unbiased U-statistic of Gretton et al., "A kernel two-sample test" (2012), eq. 3, and may be
 * negative. The standard error covers the sampling of both sets; for equal distributions the estimate
 * is skewed to the right. Time grows with (M + N)² D, memory with M + N.
 *
 * @param x [M, ...itemShape], at least 4
 * @param y [N, ...itemShape], at least 4
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE (too few points), NOT_FINITE; INVALID_OPTION for
 * bandwidths that are not above 0, or when the median distance is 0 and no bandwidth is given
 */
export function maximumMeanDiscrepancy(
  x: FloatArray,
  y: FloatArray,
  options: MaximumMeanDiscrepancyOptions = {},
): MaximumMeanDiscrepancy {
  const [first, second] = twoPointSets(['the points x', x], ['the points y', y], minPoints);
  const bandwidths = options.bandwidths ?? defaultBandwidths(first, second);
  if (bandwidths.length === 0) refuseOption('bandwidths is []', 'at least one number above 0');
  bandwidths.forEach((bandwidth, i) => {
    checkPositive(`bandwidths[${i}]`, bandwidth);
  });
  const rates = bandwidths.map((bandwidth) => -1 / (2 * bandwidth ** 2));
  const width = rates.length;
  const estimates = kernelDiscrepancies(first, second, width + 1, (squared, out) => {
    let total = 0;
    for (let k = 0; k < width; k++) {
      const value = Math.exp(rates[k]! * squared);
      out[k] = value;
      total += value;
    }
    out[width] = total / width;
  });
  return { ...estimates[width]!, bandwidths: [...bandwidths], each: estimates.slice(0, width) };
}

const medianPoints = 500;

function defaultBandwidths(x: PointSet, y: PointSet): number[] {
  const chosen = [x, y].flatMap((set) =>
    Array.from({ length: Math.min(set.count, medianPoints) }, (_, i) => ({ set, i })),
  );
  const distances = new Float64Array((chosen.length * (chosen.length - 1)) / 2);
  let at = 0;
  chosen.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const b = chosen[j]!;
      distances[at++] = squaredDistance(a.set, a.i, b.set, b.i);
    }
  });
  const median = Math.sqrt(distances.sort()[distances.length >> 1]!);
  if (!(median > 0)) {
    refuseOption(
      'no bandwidths are given and the median distance of the points is 0',
      'bandwidths above 0, or points of which most differ',
    );
  }
  return [1 / 4, 1 / 2, 1, 2, 4].map((factor) => factor * median);
}
