import { checkedTime, defineFactory, number, type Schedule } from '@tweedie/core';
import { checkSigmaRange } from './sigma-range.js';

/**
 * The continuous limit of the geometric sequence: σ(t) = σ_min (σ_max/σ_min)^t, α = 1, 0 ≤ t ≤ 1.
 * Song et al. (2021), appendix C.
 */
export const ve = defineFactory({
  owner: 'schedules',
  id: 've',
  doc: 'continuous variance-exploding SDE',
  source: 'Song et al. 2021',
  options: {
    sigmaMin: number({ default: 0.01, above: 0, doc: 'noise level at t = 0' }),
    sigmaMax: number({ default: 50, above: 0, doc: 'noise level at t = 1' }),
  },
  create: ({
    sigmaMin,
    sigmaMax,
  }): Pick<Schedule, 'time' | 'alpha' | 'sigma'> & Required<Pick<Schedule, 'rates'>> => {
    checkSigmaRange('ve', sigmaMin, sigmaMax);
    const time = { kind: 'continuous', start: 0, end: 1 } as const;
    const logMin = Math.log(sigmaMin);
    const logMax = Math.log(sigmaMax);
    const sigma = (t: number) => {
      const inside = checkedTime('ve', time, t);
      return Math.exp((1 - inside) * logMin + inside * logMax);
    };
    return {
      time,
      alpha: () => 1,
      sigma,
      rates: (t) => ({ logAlpha: 0, variance: 2 * sigma(t) ** 2 * (logMax - logMin) }),
    };
  },
});
