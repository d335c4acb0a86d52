import { levelAt, sdeCoefficients, timeAtHalfLogSnr } from '@tweedie/core';
import { schedulerReferences, testSchedule } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { testScoreSde } from './score-sde.testing.js';
import { vp } from './vp.js';

const { score_sde, dpm_solver_official } = schedulerReferences;

testSchedule('vp', () => vp(), { variancePreserving: true });
testScoreSde(vp(), score_sde.vp);

describe('vp', () => {
  it('has f = −β/2 and g² = β', () => {
    const schedule = vp({ betaMin: 0.3, betaMax: 5 });
    for (const t of [0.001, 0.2, 0.9, 1]) {
      const beta = 0.3 + t * 4.7;
      const { drift, diffusionSquared } = sdeCoefficients(schedule, t);
      expect(drift).toBeCloseTo(-beta / 2, 13);
      expect(diffusionSquared).toBeCloseTo(beta, 12);
    }
  });

  it.each(Object.entries(dpm_solver_official.noise_schedule))(
    "agrees with DPM-Solver's noise schedule at t = %s",
    (t, { alpha, sigma }) => {
      const level = levelAt(vp(), Number(t));
      expect(level.alpha).toBeCloseTo(alpha, 12);
      expect(level.sigma).toBeCloseTo(sigma, 12);
    },
  );

  it.each(Object.entries(dpm_solver_official.inverse_lambda))(
    "agrees with DPM-Solver's time of λ = %s",
    (lambda, t) => {
      expect(timeAtHalfLogSnr(vp(), Number(lambda))).toBeCloseTo(t, 9);
    },
  );

  it('refuses β that fall', () => {
    expect(() => vp({ betaMin: 3, betaMax: 1 })).toThrow(/betaMin not above betaMax/);
  });
});
