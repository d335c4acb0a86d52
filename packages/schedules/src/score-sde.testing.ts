import { type Schedule, sdeCoefficients } from '@tweedie/core';
import type { schedulerReferences } from '@tweedie/testing';
import { expect, it } from 'vitest';

/** Holds a process to score_sde's marginals, drift and diffusion. */
export function testScoreSde(
  schedule: Schedule,
  golden: (typeof schedulerReferences)['score_sde']['vp'],
): void {
  it("has score_sde's marginals, drift and diffusion", () => {
    golden.t.forEach((t, i) => {
      const { drift, diffusionSquared } = sdeCoefficients(schedule, t);
      expect(golden.x * schedule.alpha(t)).toBeCloseTo(golden.marginal_mean[i]!, 12);
      expect(schedule.sigma(t) / golden.marginal_std[i]!).toBeCloseTo(1, 9);
      expect(golden.x * drift).toBeCloseTo(golden.drift[i]!, 12);
      expect(Math.sqrt(diffusionSquared)).toBeCloseTo(golden.diffusion[i]!, 9);
    });
  });
}
