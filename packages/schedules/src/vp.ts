import { defineFactory, type Schedule } from '@tweedie/core';
import { linearBeta, linearBetaOptions } from './linear-beta.js';

/**
 * The continuous limit of DDPM's linear schedule: dx = −½β x dt + √β dw, so that
 * α = exp(−½ ∫ β) and σ = √(1 − α²). Song et al., "Score-based generative modeling through
 * stochastic differential equations" (2021), appendix B and C. Time runs from `start` to 1.
 */
export const vp = defineFactory({
  owner: 'schedules',
  id: 'vp',
  doc: 'continuous variance-preserving SDE with linear β',
  source: 'Song et al. 2021',
  options: linearBetaOptions,
  create: ({ betaMin, betaMax, start }): Pick<Schedule, 'time' | 'alpha' | 'sigma' | 'rates'> => {
    const { time, beta, logAlpha } = linearBeta('vp', betaMin, betaMax, start);
    return {
      time,
      alpha: (t) => Math.exp(logAlpha(t)),
      sigma: (t) => Math.sqrt(-Math.expm1(2 * logAlpha(t))),
      rates: (t) => ({
        logAlpha: -beta(t) / 2,
        variance: beta(t) * Math.exp(2 * logAlpha(t)),
      }),
    };
  },
});
