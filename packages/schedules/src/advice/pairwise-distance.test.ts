import { createRng, floats } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestPairwiseDistance } from './pairwise-distance.js';

describe('largestPairwiseDistance', () => {
  it('is the largest over all pairs', () => {
    const coordinate = fc.float({ min: -50, max: 50, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(coordinate, coordinate), { minLength: 2, maxLength: 25 }),
        (rows) => {
          let largest = 0;
          for (const [a, b] of rows) {
            for (const [c, d] of rows) largest = Math.max(largest, Math.hypot(a - c, b - d));
          }
          const found = largestPairwiseDistance(floats(rows.flat(), [rows.length, 2]));
          expect(Math.abs(found - largest)).toBeLessThanOrEqual(1e-13 * largest);
        },
      ),
    );
  });

  it('takes items of any shape: opposite corners of a cube of images', () => {
    const points = floats([...new Array(12).fill(0), ...new Array(12).fill(1)], [2, 2, 2, 3]);
    expect(largestPairwiseDistance(points)).toBeCloseTo(Math.sqrt(12), 14);
  });

  it('of a sample is a lower bound that its generator fixes', () => {
    const points = createRng(1).normal([500, 3]);
    const all = largestPairwiseDistance(points);
    const some = largestPairwiseDistance(points, { sample: 50, rng: createRng(2) });
    expect(some).toBeLessThan(all);
    expect(some).toBeGreaterThan(all / 2);
    expect(largestPairwiseDistance(points, { sample: 50, rng: createRng(2) })).toBe(some);
    expect(largestPairwiseDistance(points, { sample: 900, rng: createRng(2) })).toBe(all);
  });

  it('refuses what has no pairs', () => {
    expect(() => largestPairwiseDistance(floats([1, 2], [1, 2]))).toThrow(/there are 1 points/);
    expect(() => largestPairwiseDistance(floats([], [0, 2]))).toThrow(/there are 0 points/);
    expect(() => largestPairwiseDistance(floats([1], []))).toThrow(/the shape \[\]/);
    expect(() => largestPairwiseDistance(floats([1, 2, Number.NaN, 4], [2, 2]))).toThrow(
      /point 1 holds NaN/,
    );
    const points = floats([1, 2], [2, 1]);
    expect(() => largestPairwiseDistance(points, { sample: 2 })).toThrow(/there is no rng/);
    expect(() => largestPairwiseDistance(points, { sample: 1, rng: createRng(0) })).toThrow(
      /sample is 1/,
    );
  });
});
