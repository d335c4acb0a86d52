import { checkedTime, defineFactory, integer, number, type Schedule } from '@tweedie/core';
import { bytesOfStep, mostSteps } from './beta-options.js';
import { checkSigmaRange } from './sigma-range.js';

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
    steps: integer({
      default: 10,
      min: 1,
      max: mostSteps,
      bytes: bytesOfStep,
      doc: 'number of noise levels L',
    }),
    sigmaMin: number({ default: 0.01, above: 0, doc: 'smallest noise level' }),
    sigmaMax: number({ default: 1, above: 0, doc: 'largest noise level' }),
  },
  create: ({ steps, sigmaMin, sigmaMax }): Pick<Schedule, 'time' | 'alpha' | 'sigma'> => {
    checkSigmaRange('geometric', sigmaMin, sigmaMax);
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
