import { defineFactory, type Schedule } from '@tweedie/core';
import { linearBeta, linearBetaOptions } from './linear-beta.js';

/**
 * The sub-VP process: the drift of `vp` with less noise, σ = 1 − α². Song et al. (2021), eq. 29.
 * Time runs from `start` to 1.
 */
export const subVp = defineFactory({
  owner: 'schedules',
  id: 'sub-vp',
  doc: 'continuous sub-VP SDE: the drift of vp, σ = 1 − α²',
  source: 'Song et al. 2021, eq. 29',
  options: linearBetaOptions,
  create: ({ betaMin, betaMax, start }): Pick<Schedule, 'time' | 'alpha' | 'sigma' | 'rates'> => {
    const { time, beta, logAlpha } = linearBeta('sub-vp', betaMin, betaMax, start);
    const sigma = (t: number) => -Math.expm1(2 * logAlpha(t));
    return {
      time,
      alpha: (t) => Math.exp(logAlpha(t)),
      sigma,
      rates: (t) => ({
        logAlpha: -beta(t) / 2,
        variance: 2 * sigma(t) * beta(t) * Math.exp(2 * logAlpha(t)),
      }),
    };
  },
});
