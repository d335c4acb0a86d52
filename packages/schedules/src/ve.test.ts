import { sdeCoefficients } from '@tweedie/core';
import { schedulerReferences, testSchedule } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { ve } from './ve.js';

const { score_sde } = schedulerReferences;

testSchedule('ve', () => ve());

describe('ve', () => {
  it("has score_sde's marginals and diffusion", () => {
    const schedule = ve();
    score_sde.ve.t.forEach((t, i) => {
      const { drift, diffusionSquared } = sdeCoefficients(schedule, t);
      expect(schedule.sigma(t) / score_sde.ve.marginal_std[i]!).toBeCloseTo(1, 12);
      expect(drift).toBe(0);
      expect(Math.sqrt(diffusionSquared) / score_sde.ve.diffusion[i]!).toBeCloseTo(1, 7);
    });
  });

  it('refuses levels that do not grow', () => {
    expect(() => ve({ sigmaMin: 2, sigmaMax: 1 })).toThrow(/sigmaMin below sigmaMax/);
  });
});
