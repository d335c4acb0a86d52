import { levelAt, timeAtHalfLogSnr } from '@tweedie/core';
import { schedulerReferences } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { linear } from './linear.js';
import { relativeError } from './reference-tables.testing.js';

describe('between the steps', () => {
  const schedule = linear();
  const { t_to_sigma, sigma_to_t } = schedulerReferences.k_diffusion.DiscreteEpsDDPMDenoiser;

  it.each(Object.entries(t_to_sigma))("σ/α at t = %s is k-diffusion's", (t, wanted) => {
    const { alpha, sigma } = levelAt(schedule, Number(t));
    expect(relativeError(sigma / alpha, wanted)).toBeLessThan(1e-9);
  });

  it.each(Object.entries(sigma_to_t))("the time of σ/α = %s is k-diffusion's", (ratio, wanted) => {
    const t = timeAtHalfLogSnr(schedule, -Math.log(Number(ratio)));
    expect(t).toBeCloseTo(wanted, 7);
  });

  it('meets the steps without a jump', () => {
    for (const made of [linear({ steps: 5 }), linear({ steps: 5, zeroTerminalSnr: true })]) {
      for (let t = 0; t < 4; t++) {
        expect(made.alpha(t + 1e-9)).toBeCloseTo(made.alpha(t), 7);
        expect(made.alpha(t + 1 - 1e-9)).toBeCloseTo(made.alpha(t + 1), 7);
        expect(made.sigma(t + 1 - 1e-9)).toBeCloseTo(made.sigma(t + 1), 7);
      }
    }
  });
});

it('needs two steps for zero terminal SNR', () => {
  expect(() => linear({ steps: 1, zeroTerminalSnr: true })).toThrow(/at least 2 steps/);
});
