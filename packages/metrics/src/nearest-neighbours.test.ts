import { floats } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { mapped, moments, normalPoints, shuffled } from './calibration.testing.js';
import { densityAndCoverage } from './nearest-neighbours.js';

describe('densityAndCoverage', () => {
  it('is its definition', () => {
    // Balls of k = 1 around 0, 1, 3: radii 1, 1, 2. Inside: 0.5 in those of 0 and 1, none in that of 3.
    const real = floats([0, 1, 3], [3, 1]);
    const generated = floats([0.5, 9], [2, 1]);
    const found = densityAndCoverage(real, generated, { neighbours: 1 });
    expect(found.density.value).toBe(2 / (1 * 2));
    expect(found.coverage.value).toBe(2 / 3);
  });

  it.each([
    [40, 1],
    [60, 5],
  ])('has density 1 and the known coverage for equal distributions: %d points, k = %d', (n, k) => {
    const found = Array.from({ length: 300 }, (_, seed) =>
      densityAndCoverage(normalPoints(seed, 'x', n, [0, 0]), normalPoints(seed, 'y', n, [0, 0]), {
        neighbours: k,
      }),
    );
    const density = moments(found.map((each) => each.density.value));
    expect(Math.abs(density.mean - 1)).toBeLessThan(4.5 * density.meanError);
    let missed = 1;
    for (let i = 1; i <= k; i++) missed *= (n - i) / (2 * n - i);
    const coverage = moments(found.map((each) => each.coverage.value));
    expect(Math.abs(coverage.mean - (1 - missed))).toBeLessThan(4.5 * coverage.meanError);
  });

  it.each([0, 2])('has standard errors that are not too small, at a distance of %d', (distance) => {
    const found = Array.from({ length: 200 }, (_, seed) =>
      densityAndCoverage(
        normalPoints(seed, 'x', 60, [0, 0]),
        normalPoints(seed, 'y', 90, [distance, 0]),
      ),
    );
    for (const which of ['density', 'coverage'] as const) {
      const { deviation } = moments(found.map((each) => each[which].value));
      const claimed = Math.sqrt(
        found.reduce((sum, each) => sum + each[which].standardError ** 2, 0) / found.length,
      );
      // The jackknife errs upwards; the deviation itself is known to about 7 %.
      expect(claimed / deviation).toBeGreaterThan(0.9);
      expect(claimed / deviation).toBeLessThan(2.2);
    }
  });

  it('leaves out each point as if it had never been there', () => {
    const real = normalPoints(3, 'x', 12, [0, 0]);
    const generated = normalPoints(3, 'y', 9, [0.5, 0]);
    const without = ({ data, shape }: typeof real, i: number) =>
      floats(
        [...data].filter((_, at) => at >> 1 !== i),
        [shape[0]! - 1, 2],
      );
    const options = { neighbours: 3 };
    const squared = (values: number[]) => {
      const mean = values.reduce((s, v) => s + v, 0) / values.length;
      const n = values.length;
      return (values.reduce((s, v) => s + (v - mean) ** 2, 0) * (n - 1)) / n;
    };
    const found = densityAndCoverage(real, generated, options);
    for (const which of ['density', 'coverage'] as const) {
      const ofReal = Array.from(
        { length: 12 },
        (_, i) => densityAndCoverage(without(real, i), generated, options)[which].value,
      );
      const ofGenerated = Array.from(
        { length: 9 },
        (_, j) => densityAndCoverage(real, without(generated, j), options)[which].value,
      );
      expect(found[which].standardError).toBeCloseTo(
        Math.sqrt(squared(ofReal) + squared(ofGenerated)),
        12,
      );
    }
  });

  it('shows missing modes and samples outside the data', () => {
    const real = floats(
      [...normalPoints(1, 'a', 50, [0, 0]).data, ...normalPoints(1, 'b', 50, [9, 0]).data],
      [100, 2],
    );
    const half = densityAndCoverage(real, normalPoints(2, 'a', 100, [0, 0]));
    expect(half.coverage.value).toBeGreaterThan(0.4);
    expect(half.coverage.value).toBeLessThan(0.55);
    const far = densityAndCoverage(real, normalPoints(2, 'c', 100, [0, 30]));
    expect(far).toMatchObject({ density: { value: 0 }, coverage: { value: 0 } });
  });

  it('does not depend on order and translation', () => {
    const x = normalPoints(1, 'x', 30, [0, 0]);
    const y = normalPoints(1, 'y', 20, [1, 0]);
    const base = densityAndCoverage(x, y);
    const turned = densityAndCoverage(shuffled(x, 1), shuffled(y, 2));
    expect(turned.density.value).toBe(base.density.value);
    expect(turned.coverage.standardError).toBeCloseTo(base.coverage.standardError, 12);
    // By a power of two, so that nearly no coordinate is rounded across a ball's border.
    const moved = densityAndCoverage(
      mapped(x, (v) => v + 1),
      mapped(y, (v) => v + 1),
    );
    expect(moved.density.value).toBeCloseTo(base.density.value, 12);
  });

  it('refuses too few points', () => {
    const x = normalPoints(1, 'x', 6, [0, 0]);
    expect(() => densityAndCoverage(x, x)).toThrow(/the real points are 6.*at least 7/);
    expect(() => densityAndCoverage(x, x, { neighbours: 0 })).toThrow(/neighbours is 0/);
    expect(() => densityAndCoverage(x, floats([1, 2], [1, 2]))).toThrow(/generated points are 1/);
  });
});
