import { createRng, floats } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectCalibrated, mapped, normalPoints, repeat, shuffled } from './calibration.testing.js';
import { slicedWasserstein } from './sliced-wasserstein.js';

const rng = () => createRng(7);

describe('slicedWasserstein', () => {
  const mean = [1, -2, 0.5];
  const x = normalPoints(1, 'x', 60, [0, 0, 0]);

  it('is ‖m‖²/D, squared, between points and the same points moved by m', () => {
    const moved = mapped(x, (value, i) => value + mean[i % 3]!);
    const truth = mean.reduce((sum, value) => sum + value ** 2, 0) / 3;
    const found = Array.from({ length: 300 }, (_, seed) =>
      slicedWasserstein(x, moved, { rng: createRng(seed), projections: 64 }),
    );
    expectCalibrated(
      found.map(({ power }) => power),
      truth,
    );
    for (const { value, power, standardError } of found) {
      expect(value).toBe(Math.sqrt(power.value));
      expect(standardError).toBeCloseTo(power.standardError / (2 * value), 14);
    }
  });

  it('is (s − 1)² mean ‖x‖²/D, squared, between points and the same points scaled by s', () => {
    const scaled = mapped(x, (value) => 3 * value);
    const square = x.data.reduce((sum, value) => sum + value ** 2, 0) / 60;
    expectCalibrated(
      repeat(
        300,
        (seed) => slicedWasserstein(x, scaled, { rng: createRng(seed), projections: 64 }).power,
      ),
      (4 * square) / 3,
    );
  });

  it('is on the line the distance of the distributions, up to sampling error', () => {
    // W₂² of N(0, 1) and N(1, 2²) is 1² + (2 − 1)². Its error with n points is about 1/√n.
    const a = normalPoints(1, 'a', 40_000, [0]);
    const b = normalPoints(1, 'b', 40_000, [1], 2);
    const second = slicedWasserstein(a, b, { rng: rng(), projections: 2 });
    expect(Math.abs(second.value - Math.SQRT2)).toBeLessThan(4.5 * Math.sqrt(5 / 40_000));
    expect(second.standardError).toBeCloseTo(0, 12);
    const moved = mapped(a, (value) => value - 3);
    expect(slicedWasserstein(a, moved, { rng: rng(), order: 1 }).value).toBeCloseTo(3, 6);
  });

  it('tends to 0 for equal distributions', () => {
    const of = (count: number) =>
      slicedWasserstein(normalPoints(1, 'a', count, [0, 0]), normalPoints(1, 'b', count, [0, 0]), {
        rng: rng(),
      }).value;
    // It falls as 1/√n up to a slow factor, for which 4/√n leaves room.
    expect(of(100)).toBeLessThan(0.4);
    expect(of(10_000)).toBeLessThan(0.04);
  });

  it('compares sets of different sizes as if points were repeated to equal sizes', () => {
    const list = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(list, list, fc.constantFrom<1 | 2>(1, 2), (a, b, order) => {
        const often = (values: number[], times: number) =>
          values.flatMap((value) => new Array<number>(times).fill(value));
        const line = (values: number[]) => floats(values, [values.length, 1]);
        const options = { rng: rng(), order, projections: 2 };
        const direct = slicedWasserstein(line(a), line(b), options).power.value;
        const whole = slicedWasserstein(line(often(a, b.length)), line(often(b, a.length)), options)
          .power.value;
        expect(direct).toBeCloseTo(whole, 9);
        const sorted = (values: number[]) => values.sort((p, q) => p - q);
        const [left, right] = [sorted(often(a, b.length)), sorted(often(b, a.length))];
        const brute = left.reduce((sum, value, i) => sum + Math.abs(value - right[i]!) ** order, 0);
        expect(direct).toBeCloseTo(brute / left.length, 9);
      }),
      { numRuns: 60 },
    );
  });

  it('is symmetric, does not depend on translation and order, and is reproducible from its generator', () => {
    const y = normalPoints(2, 'y', 25, [1, 0, 0], 2);
    const base = slicedWasserstein(x, y, { rng: rng() });
    expect(slicedWasserstein(y, x, { rng: rng() }).value).toBeCloseTo(base.value, 12);
    expect(slicedWasserstein(shuffled(x, 1), shuffled(y, 2), { rng: rng() }).value).toBeCloseTo(
      base.value,
      12,
    );
    const moved = slicedWasserstein(
      mapped(x, (v) => v + 8),
      mapped(y, (v) => v + 8),
      { rng: rng() },
    );
    // Adding 8 rounds float32 coordinates by up to 5e-7.
    expect(moved.value).toBeCloseTo(base.value, 5);
    expect(slicedWasserstein(x, y, { rng: rng() })).toEqual(base);
    expect(slicedWasserstein(x, y, { rng: createRng(8) })).not.toEqual(base);
    expect(slicedWasserstein(x, x, { rng: rng() })).toMatchObject({ value: 0, standardError: 0 });
  });

  it('refuses other orders and too few directions', () => {
    const say = (options: object) => () => slicedWasserstein(x, x, { rng: rng(), ...options });
    expect(say({ order: 3 })).toThrow(/order is 3.*1 or 2/);
    expect(say({ projections: 1 })).toThrow(/projections is 1.*at least 2/);
    expect(() => slicedWasserstein(x, floats([], [0, 3]), { rng: rng() })).toThrow(
      /the points y are 0/,
    );
  });
});
