import type { FloatArray } from '@tweedie/core';
import type { Estimate } from './estimate.js';
import { kernelDiscrepancies, leastPoints } from './kernel-discrepancy.js';
import { twoPointSets } from './point-set.js';

/**
 * The energy distance 2 E‖X − Y‖ − E‖X − X'‖ − E‖Y − Y'‖ of two laws (not its root), from points of
 * each. It is 0 for equal laws and above 0 for all others. Székely & Rizzo, "Energy statistics"
 * (2013). By U-statistics, so it has no bias and may come out below 0; its unit is that of the
 * points. The standard error covers the drawing of both sets. Time grows with (M + N)² D.
 *
 * @param x [M, ...itemShape], at least 4
 * @param y [N, ...itemShape], at least 4
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE (too few points), NOT_FINITE
 */
export function energyDistance(x: FloatArray, y: FloatArray): Estimate {
  const [first, second] = twoPointSets(['the points x', x], ['the points y', y], leastPoints);
  const [estimate] = kernelDiscrepancies(first, second, 1, (squared, out) => {
    out[0] = -Math.sqrt(squared);
  });
  return estimate!;
}
