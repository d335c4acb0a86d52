import { createRng, type FloatArray, hostArray } from '@tweedie/core';
import { expect } from 'vitest';
import type { Estimate } from './estimate.js';

/** Points of N(mean, spread² I), [count, D]; the same for the same seed and label. */
export function normalPoints(
  seed: number,
  label: string,
  count: number,
  mean: readonly number[],
  spread = 1,
): FloatArray {
  const dimension = mean.length;
  const { data } = createRng(seed).fork(label).normal([count, dimension]);
  return hostArray(
    data.map((value, i) => mean[i % dimension]! + spread * value),
    [count, dimension],
  );
}

/** A mean with its standard error, and the standard deviation with its own. */
export function moments(values: readonly number[]) {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const central = (power: number) =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / n;
  const variance = central(2);
  const deviation = Math.sqrt(variance);
  return {
    mean,
    meanError: deviation / Math.sqrt(n),
    deviation,
    // The standard error of a standard deviation of n draws, by the fourth moment.
    deviationError: Math.sqrt(Math.max(0, central(4) - variance ** 2) / n) / (2 * deviation),
  };
}

/**
 * Checks estimates of many seeds against the true value and their own standard errors: no bias, and a
 * standard deviation equal to the standard errors, both within 4.5 standard errors of the test itself.
 */
export function expectCalibrated(estimates: readonly Estimate[], truth: number): void {
  const found = moments(estimates.map(({ value }) => value));
  expect(Math.abs(found.mean - truth)).toBeLessThan(4.5 * found.meanError);
  const claimed = Math.sqrt(
    estimates.reduce((sum, { standardError }) => sum + standardError ** 2, 0) / estimates.length,
  );
  expect(Math.abs(found.deviation - claimed)).toBeLessThan(4.5 * found.deviationError);
  // The test must be sensitive enough to notice a standard error that is 1.5 times too large.
  expect(4.5 * found.deviationError).toBeLessThan(found.deviation / 3);
}

/** As many estimates as seeds. */
export function repeat(count: number, estimate: (seed: number) => Estimate): Estimate[] {
  return Array.from({ length: count }, (_, seed) => estimate(seed));
}

/** The rows of [N, D] in another order. */
export function shuffled(points: FloatArray, seed: number): FloatArray {
  const [count = 0, width = 1] = points.shape;
  const order = createRng(seed).permutation(count);
  const data = new Float32Array(points.data.length);
  order.forEach((from, to) => {
    data.set(points.data.subarray(from * width, (from + 1) * width), to * width);
  });
  return hostArray(data, points.shape);
}

/** The numbers of an array, each changed by a function. */
export function mapped(
  points: FloatArray,
  change: (value: number, index: number) => number,
): FloatArray {
  return hostArray(points.data.map(change), points.shape);
}
