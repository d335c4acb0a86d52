import { describe, expect, it } from 'vitest';
import { expectCalibrated, normalPoints } from './calibration.testing.js';
import { errorByDensity } from './error-by-density.js';
import { meanEstimate } from './estimate.js';

describe('errorByDensity', () => {
  const logDensity = [5, 1, 4, 2, 3];
  const errors = [50, 10, 40, 20, 30];

  it('divides where the given share lies at lower density', () => {
    const { bands, cuts } = errorByDensity(logDensity, errors, { quantiles: [0.4] });
    expect(cuts).toEqual([3]);
    expect(bands).toMatchObject([
      { from: Number.NEGATIVE_INFINITY, to: 3, count: 2, share: 0.4, value: 15 },
      { from: 3, to: Number.POSITIVE_INFINITY, count: 3, share: 0.6, value: 40 },
    ]);
    expect(bands[1]!.standardError).toBeCloseTo(meanEstimate([30, 40, 50]).standardError, 14);
  });

  it('compares by default the halves of low and of high density', () => {
    const { bands } = errorByDensity([1, 2, 3, 4], [1, 1, 2, 2]);
    expect(bands.map(({ value }) => value)).toEqual([1, 2]);
    expect(bands.map(({ count }) => count)).toEqual([2, 2]);
  });

  it('measures shares by weights', () => {
    const weights = [1, 6, 1, 1, 1];
    const { bands, cuts } = errorByDensity(logDensity, errors, { weights, quantiles: [0.6, 0.8] });
    expect(cuts).toEqual([2, 4]);
    expect(bands.map(({ share }) => share)).toEqual([0.6, 0.2, 0.2].map((s) => expect.closeTo(s)));
    expect(bands.map(({ value }) => value)).toEqual([10, 25, 45]);
  });

  it('makes bands whose means sum to the mean of all', () => {
    const density = [...normalPoints(1, 'a', 500, [0]).data];
    const all = [...normalPoints(1, 'b', 500, [3]).data];
    const { bands } = errorByDensity(density, all, { quantiles: [0.1, 0.3, 0.5, 0.9] });
    expect(bands.map(({ count }) => count)).toEqual([50, 100, 100, 200, 50]);
    const sum = bands.reduce((total, { value, share }) => total + value * share, 0);
    expect(sum).toBeCloseTo(meanEstimate(all).value, 12);
  });

  it('takes the cuts of other points, and leaves bands empty where there are none', () => {
    const { cuts } = errorByDensity(logDensity, errors, { quantiles: [0.4] });
    const { bands } = errorByDensity([0, 0, -1], [1, 2, 6], { cuts });
    expect(bands[0]).toMatchObject({ count: 3, share: 1, value: 3 });
    expect(bands[1]).toMatchObject({ count: 0, share: 0, value: Number.NaN });
  });

  it('is calibrated in each band: ‖x‖² of normal 2-D points', () => {
    // Beyond the radius r of half the mass, r² = 2 ln 2, the mean of ‖x‖² is r² + 2.
    const found = Array.from({ length: 300 }, (_, seed) => {
      const { data } = normalPoints(seed, 'x', 400, [0, 0]);
      const squares = Array.from(
        { length: 400 },
        (_, i) => data[2 * i]! ** 2 + data[2 * i + 1]! ** 2,
      );
      return errorByDensity(
        squares.map((square) => -square / 2),
        squares,
        { cuts: [-Math.log(2)] },
      ).bands[0]!;
    });
    expectCalibrated(found, 2 * Math.log(2) + 2);
  });

  it('keeps points without density in the lowest band', () => {
    const { bands } = errorByDensity([Number.NEGATIVE_INFINITY, 0, 1, 2], [9, 1, 1, 1]);
    expect(bands.map(({ value }) => value)).toEqual([5, 1]);
  });

  it.each([
    [{ quantiles: [] }, /quantiles is \[\]/],
    [{ quantiles: [0.5, 0.5] }, /increasing/],
    [{ quantiles: [1] }, /above 0 and below 1/],
    [{ cuts: [1], quantiles: [0.5] }, /one of them/],
    [{ cuts: [Number.NaN, 1] }, /increasing/],
    [{ weights: [1] }, /5 errors and 1 weights/],
    [{ weights: [0, 0, 0, 0, 0] }, /of which 0 are above 0/],
    [{ weights: [1, 1, 1, 1, -1] }, /a weight is below 0/],
  ])('refuses %j', (options, message) => {
    expect(() => errorByDensity(logDensity, errors, options)).toThrow(message);
  });

  it('refuses errors that are not finite, and densities that do not fit', () => {
    expect(() => errorByDensity([1, 2], [1, Number.NaN])).toThrow(/the errors: row 1/);
    expect(() => errorByDensity([1], [1, 2])).toThrow(/2 errors and 1 log-densities/);
    expect(() => errorByDensity([], [])).toThrow(/0 errors and 0 weights/);
  });
});
