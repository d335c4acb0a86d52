import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { expectCalibrated, repeat } from './calibration.testing.js';
import { meanEstimate, weightedMeanEstimate } from './estimate.js';

describe('meanEstimate', () => {
  it('is the mean and its standard error', () => {
    // Deviations −2, 0, 2 of three numbers: variance 4.
    expect(meanEstimate([1, 3, 5])).toEqual({ value: 3, standardError: Math.sqrt(4 / 3) });
  });

  it('has an infinite error for a single number', () => {
    expect(meanEstimate([2])).toEqual({ value: 2, standardError: Number.POSITIVE_INFINITY });
  });

  it('is calibrated', () => {
    expectCalibrated(
      repeat(400, (seed) => meanEstimate(createRng(seed).uniform([50]).data)),
      1 / 2,
    );
  });
});

describe('weightedMeanEstimate', () => {
  it('is the plain one with equal weights', () => {
    const values = [0.3, -2, 5, 1];
    const { value, standardError } = weightedMeanEstimate(values, [2, 2, 2, 2]);
    const plain = meanEstimate(values);
    expect(value).toBeCloseTo(plain.value, 14);
    expect(standardError).toBeCloseTo(plain.standardError, 14);
  });

  it('is calibrated for importance weights: E u² under the density 2u from uniform draws', () => {
    expectCalibrated(
      repeat(400, (seed) => {
        const u = createRng(seed).uniform([400]).data;
        return weightedMeanEstimate(
          u.map((value) => value ** 2),
          u,
        );
      }),
      1 / 2,
    );
  });
});
