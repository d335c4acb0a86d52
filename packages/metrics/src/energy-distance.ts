import type { FloatArray } from '@tweedie/core';
import type { Estimate } from './estimate.js';
import { kernelDiscrepancies, minPoints } from './kernel-discrepancy.js';
import { twoPointSets } from './point-set.js';

/**
 * The energy distance 2 E‖X − Y‖ − E‖X − X'‖ − E‖Y − Y'‖ of two distributions (not its root),
 * estimated from samples of each. It is 0 for equal distributions and positive otherwise (Székely &
 * Rizzo, "Energy statistics", 2013). The estimate is an unbiased U-statistic, so it may be negative;
 * its unit is that of the points. The standard error covers the sampling of both sets. Time grows with
 * (M + N)² D.
 *
 * @param x [M, ...itemShape], at least 4
 * @param y [N, ...itemShape], at least 4
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE (too few points), NOT_FINITE
 */
export function energyDistance(x: FloatArray, y: FloatArray): Estimate {
  const [first, second] = twoPointSets(['the points x', x], ['the points y', y], minPoints);
  const [estimate] = kernelDiscrepancies(first, second, 1, (squared, out) => {
    out[0] = -Math.sqrt(squared);
  });
  return estimate!;
}
