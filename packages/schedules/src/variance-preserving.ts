import { defineFactory, number, type Schedule, TweedieError } from '@tweedie/core';
import { checkedTime } from './time-domain.js';

const options = {
  betaMin: number({ default: 0.1, min: 0, doc: 'β at t = 0' }),
  betaMax: number({ default: 20, above: 0, doc: 'β at t = 1' }),
  start: number({
    default: 1e-3,
    above: 0,
    below: 1,
    doc: 'first time; t = 0 has no noise, which a network cannot predict',
  }),
};

/** The drift both processes share: β(t) = β_min + t(β_max − β_min), ln α = −½ ∫ β. */
function linearBeta(name: string, betaMin: number, betaMax: number, start: number) {
  if (betaMax < betaMin) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'schedules',
      given: `${name}: betaMin is ${betaMin} and betaMax ${betaMax}`,
      allowed: 'betaMin not above betaMax',
    });
  }
  const time = { kind: 'continuous', start, end: 1 } as const;
  const inside = (t: number) => checkedTime(name, time, t);
  return {
    time,
    beta: (t: number) => betaMin + inside(t) * (betaMax - betaMin),
    logAlpha: (t: number) =>
      -0.25 * inside(t) ** 2 * (betaMax - betaMin) - 0.5 * inside(t) * betaMin,
  };
}

type Body = Pick<Schedule, 'time' | 'alpha' | 'sigma' | 'rates'>;

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
  options,
  create: ({ betaMin, betaMax, start }): Body => {
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

/**
 * The sub-VP process: the drift of `vp` with less noise, σ = 1 − α². Song et al. (2021), eq. 29.
 * Time runs from `start` to 1.
 */
export const subVp = defineFactory({
  owner: 'schedules',
  id: 'sub-vp',
  doc: 'continuous sub-VP SDE: the drift of vp, σ = 1 − α²',
  source: 'Song et al. 2021, eq. 29',
  options,
  create: ({ betaMin, betaMax, start }): Body => {
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
