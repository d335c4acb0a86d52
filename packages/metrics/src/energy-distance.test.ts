import { floats } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import {
  expectCalibrated,
  mapped,
  moments,
  normalPoints,
  repeat,
  shuffled,
} from './calibration.testing.js';
import { energyDistance } from './energy-distance.js';

/** E|N(mean, spread²)| by the midpoint rule, whose error here is below 1e-7. */
function meanAbsolute(mean: number, spread: number): number {
  const cells = 20_000;
  let sum = 0;
  for (let i = 0; i < cells; i++) {
    const z = -10 + (20 * (i + 0.5)) / cells;
    sum += Math.abs(mean + spread * z) * Math.exp((-z * z) / 2);
  }
  return (sum * 20) / cells / Math.sqrt(2 * Math.PI);
}

/** Of N(0, 1) and N(mean, spread²). */
function exactDistance(mean: number, spread: number): number {
  return (
    2 * meanAbsolute(mean, Math.sqrt(1 + spread ** 2)) -
    meanAbsolute(0, Math.SQRT2) -
    meanAbsolute(0, Math.SQRT2 * spread)
  );
}

const estimates = (
  repeats: number,
  [m, n]: readonly [number, number],
  mean: readonly number[],
  spread = 1,
) =>
  repeat(repeats, (seed) =>
    energyDistance(
      normalPoints(
        seed,
        'x',
        m,
        mean.map(() => 0),
      ),
      normalPoints(seed, 'y', n, mean, spread),
    ),
  );

describe('energyDistance', () => {
  it('is its definition, over pairs of different points', () => {
    // Within x: mean |xi − xj| = (1 + 2 + 4 + 1 + 3 + 2)/6; within y: (2 + 4 + 6 + 2 + 4 + 2)/6.
    const x = floats([0, 1, 2, 4], [4, 1]);
    const y = floats([1, 3, 5, 7], [4, 1]);
    const across = [0, 1, 2, 4].flatMap((a) => [1, 3, 5, 7].map((b) => Math.abs(a - b)));
    const expected = (2 * across.reduce((s, v) => s + v, 0)) / 16 - 13 / 6 - 20 / 6;
    expect(energyDistance(x, y).value).toBeCloseTo(expected, 12);
  });

  it.each([
    [1, 1, 60, 60],
    [0.5, 2, 40, 100],
    [3, 0.5, 60, 60],
  ])('agrees with the closed form of N(0, 1) and N(%d, %d²)', (mean, spread, m, n) => {
    expectCalibrated(estimates(400, [m, n], [mean], spread), exactDistance(mean, spread));
  });

  it('has mean 0 for equal distributions, and a standard error of the right size', () => {
    const found = estimates(400, [40, 60], [0, 0]);
    const { mean, meanError } = moments(found.map(({ value }) => value));
    expect(Math.abs(mean)).toBeLessThan(4.5 * meanError);
    expect(mean).toBeLessThan(0.01);
    // Value and standard error are correlated here, so z-scores spread by 0.8, not by 1.
    const z = moments(found.map(({ value, standardError }) => value / standardError));
    expect(z.deviation).toBeGreaterThan(0.65);
    expect(z.deviation).toBeLessThan(1.2);
  });

  it('does not depend on translation and order, and scales as a length', () => {
    const x = normalPoints(1, 'x', 50, [0, 0, 0]);
    const y = normalPoints(1, 'y', 30, [1, 0, 0], 2);
    const base = energyDistance(x, y);
    const moved = energyDistance(
      mapped(x, (v) => v + 8),
      mapped(y, (v) => v + 8),
    );
    // Adding 8 rounds float32 coordinates by up to 5e-7.
    expect(moved.value).toBeCloseTo(base.value, 5);
    expect(energyDistance(shuffled(x, 1), shuffled(y, 2)).value).toBeCloseTo(base.value, 12);
    expect(energyDistance(y, x).value).toBeCloseTo(base.value, 12);
    expect(energyDistance(y, x).standardError).toBeCloseTo(base.standardError, 12);
    const doubled = energyDistance(
      mapped(x, (v) => 2 * v),
      mapped(y, (v) => 2 * v),
    );
    expect(doubled.value).toBeCloseTo(2 * base.value, 12);
    expect(doubled.standardError).toBeCloseTo(2 * base.standardError, 12);
    expect(energyDistance(x, y)).toEqual(base);
  });

  it('flattens items of any shape', () => {
    const x = normalPoints(2, 'x', 10, [0, 0, 0, 0]);
    const y = normalPoints(2, 'y', 10, [0, 0, 0, 0]);
    const images = ({ data }: typeof x) => floats(data, [10, 2, 2, 1]);
    expect(energyDistance(images(x), images(y))).toEqual(energyDistance(x, y));
  });

  it('is 0 when all points are the same', () => {
    const x = floats([1, 1, 1, 1], [4, 1]);
    expect(energyDistance(x, x)).toEqual({ value: 0, standardError: 0 });
  });

  it('refuses sets that cannot be compared', () => {
    const x = normalPoints(1, 'x', 4, [0, 0]);
    const say = (y: typeof x) => () => energyDistance(x, y);
    expect(say(floats([1, 2, 3, 4, 5, 6], [3, 2]))).toThrow(/the points y are 3.*at least 4/);
    expect(say(floats(new Float32Array(12), [4, 3]))).toThrow(/\[4, 2\].*\[4, 3\].*one shape/);
    expect(say(floats([1, 2, 3, 4, 5, Number.NaN, 7, 8], [4, 2]))).toThrow(
      /the points y: row 2, column 1 is NaN/,
    );
    expect(say(floats([], [0, 2]))).toThrow(/are 0/);
    expect(say(floats([3], []))).toThrow(/the shape \[\]/);
    expect(say({ data: new Float32Array(3), shape: [4, 2] })).toThrow(/\[4, 2\] and 3 numbers/);
  });
});
