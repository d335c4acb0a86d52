import { defineFactory, integer, number, type Schedule, TweedieError } from '@tweedie/core';
import { checkedTime } from './time-domain.js';

function checkRange(name: string, sigmaMin: number, sigmaMax: number): void {
  if (sigmaMin < sigmaMax) return;
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'schedules',
    given: `${name}: sigmaMin is ${sigmaMin} and sigmaMax ${sigmaMax}`,
    allowed: 'sigmaMin below sigmaMax',
  });
}

/**
 * Noise levels in a geometric sequence around unscaled data, α = 1. Song & Ermon, "Generative
 * modeling by estimating gradients of the data distribution" (2019), section 4.2. The paper counts
 * from the largest σ down; here noise grows with t, so its σ_i is at t = L − i. A single level has
 * σ = sigmaMax.
 */
export const geometric = defineFactory({
  owner: 'schedules',
  id: 'geometric',
  doc: 'noise levels in a geometric sequence, data unscaled (NCSN)',
  source: 'Song & Ermon 2019',
  options: {
    steps: integer({ default: 10, min: 1, doc: 'number of noise levels L' }),
    sigmaMin: number({ default: 0.01, above: 0, doc: 'smallest noise level' }),
    sigmaMax: number({ default: 1, above: 0, doc: 'largest noise level' }),
  },
  create: ({ steps, sigmaMin, sigmaMax }): Pick<Schedule, 'time' | 'alpha' | 'sigma'> => {
    checkRange('geometric', sigmaMin, sigmaMax);
    const time = { kind: 'discrete', steps } as const;
    const logMin = Math.log(sigmaMin);
    const logMax = Math.log(sigmaMax);
    return {
      time,
      alpha: () => 1,
      sigma: (t) => {
        const inside = checkedTime('geometric', time, t);
        const share = steps === 1 ? 1 : inside / (steps - 1);
        return Math.exp((1 - share) * logMin + share * logMax);
      },
    };
  },
});

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
    checkRange('ve', sigmaMin, sigmaMax);
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
