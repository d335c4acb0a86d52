import { floats } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import {
  expectCalibrated,
  mapped,
  moments,
  normalPoints,
  shuffled,
} from './calibration.testing.js';
import { maximumMeanDiscrepancy } from './maximum-mean-discrepancy.js';

/** MMD² of N(0, I) and N(mean, spread² I) by the Gaussian kernel of bandwidth h. */
function exactDiscrepancy(mean: readonly number[], spread: number, h: number): number {
  const squared = mean.reduce((sum, value) => sum + value ** 2, 0);
  // E k(A, B) where A − B is N(·, variance I): a Gaussian integral.
  const kernel = (variance: number, distance: number) =>
    (h ** 2 / (h ** 2 + variance)) ** (mean.length / 2) *
    Math.exp(-distance / (2 * (h ** 2 + variance)));
  return kernel(2, 0) + kernel(2 * spread ** 2, 0) - 2 * kernel(1 + spread ** 2, squared);
}

const bandwidths = [0.5, 1, 2];
const draws = (
  repeats: number,
  [m, n]: readonly [number, number],
  mean: readonly number[],
  spread = 1,
) =>
  Array.from({ length: repeats }, (_, seed) =>
    maximumMeanDiscrepancy(
      normalPoints(
        seed,
        'x',
        m,
        mean.map(() => 0),
      ),
      normalPoints(seed, 'y', n, mean, spread),
      { bandwidths },
    ),
  );

describe('maximumMeanDiscrepancy', () => {
  it('is its definition, over pairs of different points', () => {
    const [x, y] = [
      [0, 1, 3, 4],
      [2, 3, 6, 9, 1],
    ] as const;
    const kernel = (a: number, b: number) => Math.exp(-((a - b) ** 2) / (2 * 1.5 ** 2));
    const mean = (values: number[]) => values.reduce((s, v) => s + v, 0) / values.length;
    const within = (set: readonly number[]) =>
      mean(set.flatMap((a, i) => set.filter((_, j) => j !== i).map((b) => kernel(a, b))));
    const across = mean(x.flatMap((a) => y.map((b) => kernel(a, b))));
    const found = maximumMeanDiscrepancy(floats(x, [4, 1]), floats(y, [5, 1]), {
      bandwidths: [1.5],
    });
    expect(found.value).toBeCloseTo(within(x) + within(y) - 2 * across, 14);
  });

  it.each([
    [[1.5, 0], 1, 60, 60],
    [[0.5, 0.5, 0], 2, 40, 90],
  ])('agrees with the closed form of N(0, I) and N(%j, %d² I)', (mean, spread, m, n) => {
    const found = draws(300, [m, n], mean, spread);
    const truths = bandwidths.map((h) => exactDiscrepancy(mean, spread, h));
    truths.forEach((truth, k) => {
      expectCalibrated(
        found.map(({ each }) => each[k]!),
        truth,
      );
    });
    expectCalibrated(found, truths.reduce((s, v) => s + v, 0) / truths.length);
  });

  it('has mean 0 for equal distributions, and a standard error of the right size', () => {
    const found = draws(400, [40, 60], [0, 0]);
    const { mean, meanError } = moments(found.map(({ value }) => value));
    expect(Math.abs(mean)).toBeLessThan(4.5 * meanError);
    // Value and standard error are correlated here, so z-scores spread by 0.9, not by 1.
    const z = moments(found.map(({ value, standardError }) => value / standardError));
    expect(z.deviation).toBeGreaterThan(0.65);
    expect(z.deviation).toBeLessThan(1.2);
  });

  it('is the mean over its bandwidths', () => {
    const [found] = draws(1, [20, 20], [1, 1]);
    const mean = found!.each.reduce((sum, { value }) => sum + value, 0) / 3;
    expect(found!.value).toBeCloseTo(mean, 14);
    expect(found!.bandwidths).toEqual(bandwidths);
  });

  it('does not depend on translation and order, nor, with default bandwidths, on units', () => {
    const x = normalPoints(1, 'x', 50, [0, 0, 0]);
    const y = normalPoints(1, 'y', 30, [1, 0, 0], 2);
    const base = maximumMeanDiscrepancy(x, y);
    const moved = maximumMeanDiscrepancy(
      mapped(x, (v) => v + 8),
      mapped(y, (v) => v + 8),
    );
    // Adding 8 rounds float32 coordinates by up to 5e-7.
    expect(moved.value).toBeCloseTo(base.value, 5);
    const turned = maximumMeanDiscrepancy(shuffled(x, 1), shuffled(y, 2));
    expect(turned.value).toBeCloseTo(base.value, 12);
    expect(turned.standardError).toBeCloseTo(base.standardError, 12);
    expect(maximumMeanDiscrepancy(y, x).value).toBeCloseTo(base.value, 12);
    const doubled = maximumMeanDiscrepancy(
      mapped(x, (v) => 2 * v),
      mapped(y, (v) => 2 * v),
    );
    expect(doubled.value).toBeCloseTo(base.value, 12);
    expect(doubled.bandwidths[2]).toBeCloseTo(2 * base.bandwidths[2]!, 12);
    expect(maximumMeanDiscrepancy(x, y)).toEqual(base);
  });

  it('takes the median distance as its middle bandwidth', () => {
    // Distances of 0, 1, 2, 4 | 0, 1, 2, 4: four 0, four 1, … the median of 28 is 1 or 2.
    const x = floats([0, 1, 2, 4], [4, 1]);
    expect(maximumMeanDiscrepancy(x, x).bandwidths).toEqual([0.5, 1, 2, 4, 8]);
  });

  it('refuses bandwidths that are not above 0', () => {
    const x = normalPoints(1, 'x', 5, [0]);
    const say = (given: number[]) => () => maximumMeanDiscrepancy(x, x, { bandwidths: given });
    expect(say([])).toThrow(/bandwidths is \[\]/);
    expect(say([1, 0])).toThrow(/bandwidths\[1\] is 0/);
    expect(say([Number.NaN])).toThrow(/bandwidths\[0\] is NaN/);
    const one = floats([3, 3, 3, 3], [4, 1]);
    expect(() => maximumMeanDiscrepancy(one, one)).toThrow(/median distance of the points is 0/);
    expect(() => maximumMeanDiscrepancy(x, floats([1, 2], [2, 1]))).toThrow(/the points y are 2/);
  });
});
