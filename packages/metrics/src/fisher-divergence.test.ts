import { floats } from '@tweedie/core';
import { gaussianMixture, ncsnMixture } from '@tweedie/data';
import { describe, expect, it } from 'vitest';
import { expectCalibrated, mapped, normalPoints, repeat, shuffled } from './calibration.testing.js';
import {
  fisherDivergence,
  fisherDivergenceOnGrid,
  squaredScoreErrors,
} from './fisher-divergence.js';
import { regularGrid } from './regular-grid.js';

/** Fisher divergence of N(a, s² I) from N(0, I): D(1 − 1/s²)² + ‖a‖²/s⁴. */
const shift = [0.7, -0.4];
const spread = 1.5;
const exactDivergence =
  2 * (1 - 1 / spread ** 2) ** 2 + (shift[0]! ** 2 + shift[1]! ** 2) / spread ** 4;
/** Score of N(a, s² I) at 2-D points, [N, 2]. */
const wrongScore = (points: ReturnType<typeof floats>) =>
  mapped(points, (value, i) => -(value - shift[i % 2]!) / spread ** 2);
const rightScore = (points: ReturnType<typeof floats>) => mapped(points, (value) => -value);

describe('fisherDivergence', () => {
  it('agrees with the closed form between Gaussians, without a factor ½', () => {
    expectCalibrated(
      repeat(400, (seed) => {
        const x = normalPoints(seed, 'x', 200, [0, 0]);
        return fisherDivergence(wrongScore(x), rightScore(x));
      }),
      exactDivergence,
    );
  });

  it('is 0 for the exact score, and takes items of any shape', () => {
    const x = normalPoints(1, 'x', 8, [0, 0, 0, 0]);
    expect(fisherDivergence(x, x)).toEqual({ value: 0, standardError: 0 });
    const y = normalPoints(1, 'y', 8, [0, 0, 0, 0]);
    const images = ({ data }: typeof x) => floats(data, [8, 2, 2, 1]);
    expect(fisherDivergence(images(x), images(y))).toEqual(fisherDivergence(x, y));
    expect(fisherDivergence(shuffled(x, 1), shuffled(y, 1)).value).toBeCloseTo(
      fisherDivergence(x, y).value,
      12,
    );
  });

  it('sums squares over an item', () => {
    expect([
      ...squaredScoreErrors(floats([1, 2, 3, 4], [2, 2]), floats([0, 0, 3, 1], [2, 2])),
    ]).toEqual([5, 9]);
  });

  it('refuses scores that are not at the same points', () => {
    const x = normalPoints(1, 'x', 3, [0, 0]);
    expect(() => fisherDivergence(x, normalPoints(1, 'x', 2, [0, 0]))).toThrow(
      /3 estimated scores and 2 exact/,
    );
    expect(() => fisherDivergence(x, floats([1, 2, 3], [3, 1]))).toThrow(/\[3, 2\].*\[3, 1\]/);
    expect(() =>
      fisherDivergence(
        mapped(x, () => Number.NaN),
        x,
      ),
    ).toThrow(/the estimated scores: row 0, column 0 is NaN/);
  });
});

describe('fisherDivergenceOnGrid', () => {
  it('agrees with the closed form between Gaussians', () => {
    const { points, cellVolume } = regularGrid([-7, -7], [7, 7], 60);
    const logDensity = Array.from({ length: 3600 }, (_, i) => {
      const [a, b] = points.data.subarray(2 * i, 2 * i + 2);
      return -(a! ** 2 + b! ** 2) / 2 - Math.log(2 * Math.PI);
    });
    const scores = { estimated: wrongScore(points), exact: rightScore(points) };
    const found = fisherDivergenceOnGrid(scores, logDensity, cellVolume);
    // The points and scores are float32, so about 1e-7 of the value is lost.
    expect(found.mass).toBeCloseTo(1, 6);
    expect(found.value).toBeCloseTo(exactDivergence, 6);
    expect(found.standardError).toBe(0);
    expect(found.errors).toEqual(squaredScoreErrors(scores.estimated, scores.exact));
  });

  it('agrees with the mean over draws from a mixture', () => {
    const { mixture } = gaussianMixture({ means: [1, 1, -1, 0], standardDeviations: [0.4, 0.6] });
    const noisy = mixture.at({ alpha: 1, sigma: 0.3 });
    const scoreOf = (distribution: typeof mixture, points: ReturnType<typeof floats>) =>
      floats(
        Array.from({ length: points.shape[0]! }, (_, i) =>
          distribution.score([...points.data.subarray(2 * i, 2 * i + 2)]),
        ).flat(),
        points.shape,
      );
    const { points, cellVolume } = regularGrid([-5, -4], [4, 5], 80);
    const logDensity = Array.from({ length: 6400 }, (_, i) =>
      mixture.logDensity([...points.data.subarray(2 * i, 2 * i + 2)]),
    );
    const grid = fisherDivergenceOnGrid(
      { estimated: scoreOf(noisy, points), exact: scoreOf(mixture, points) },
      logDensity,
      cellVolume,
    );
    const data = normalPoints(1, 'component', 4000, [0]).data;
    const x = floats(
      [...normalPoints(2, 'x', 4000, [0, 0]).data].map((z, i) => {
        const first = data[i >> 1]! > 0;
        const mean = first ? [1, 1] : [-1, 0];
        return mean[i % 2]! + (first ? 0.4 : 0.6) * z;
      }),
      [4000, 2],
    );
    const drawn = fisherDivergence(scoreOf(noisy, x), scoreOf(mixture, x));
    expect(Math.abs(drawn.value - grid.value)).toBeLessThan(4.5 * drawn.standardError);
    expect(drawn.standardError).toBeLessThan(grid.value / 20);
  });

  it('shows by its mass what the grid leaves out', () => {
    const { mixture } = ncsnMixture();
    const { points, cellVolume } = regularGrid([0, 0], [10, 10], 50);
    const logDensity = Array.from({ length: 2500 }, (_, i) =>
      mixture.logDensity([...points.data.subarray(2 * i, 2 * i + 2)]),
    );
    const found = fisherDivergenceOnGrid(
      { estimated: points, exact: points },
      logDensity,
      cellVolume,
    );
    // Five standard deviations around the mode of weight 0.8.
    expect(found.mass).toBeCloseTo(0.8, 5);
  });

  it('takes points without density, and refuses what is not a density', () => {
    const x = floats([1, 2], [2, 1]);
    const y = floats([0, 0], [2, 1]);
    const on = (logDensity: number[], volume = 0.5) =>
      fisherDivergenceOnGrid({ estimated: x, exact: y }, logDensity, volume);
    expect(on([0, Number.NEGATIVE_INFINITY])).toMatchObject({ value: 0.5, mass: 0.5 });
    expect(() => on([0])).toThrow(/2 errors and 1 log-densities/);
    expect(() => on([0, Number.NaN])).toThrow(/the log-densities: row 1, column 0 is NaN/);
    expect(() => on([0, Number.POSITIVE_INFINITY])).toThrow(/is Infinity/);
    expect(() => on([0, 0], 0)).toThrow(/the volume of a cell is 0/);
  });
});
