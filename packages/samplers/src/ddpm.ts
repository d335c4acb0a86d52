import { choice, posterior, transition } from '@tweedie/core';
import { boundOptions, createBound } from './bound-estimate.js';
import { defineSampler } from './define-sampler.js';
import { weightedSum } from './weighted-sum.js';

/**
 * Ancestral sampling: draws x_s from q(x_s | x_t, x₀) with the denoiser's estimate for x₀. Ho et al.,
 * "Denoising diffusion probabilistic models" (2020), algorithm 2, here between any two levels, so a
 * grid may leave out steps.
 *
 * 'fixedSmall' takes the posterior's variance (β̃_t, exact when the data is one point), 'fixedLarge'
 * the forward step's (β_t, exact when the data is a standard normal). A step to the clean level adds
 * no noise, whatever the grid; diffusers there adds noise of variance 10⁻²⁰ (fixed_small) or, where
 * the last time is not 0, of β (fixed_large).
 */
export const ddpm = defineSampler({
  id: 'ddpm',
  doc: 'ancestral sampling (DDPM)',
  source: 'Ho et al. 2020',
  options: {
    variance: choice(['fixedSmall', 'fixedLarge'], {
      default: 'fixedSmall',
      doc: "noise of a step: the posterior's variance or the forward step's",
    }),
    ...boundOptions,
  },
  rule: (options) => {
    const bound = createBound('ddpm', options);
    return async (step) => {
      const { from, to, x } = step;
      const denoised = await bound(await step.denoise(x, from));
      const reverse = posterior(from, to);
      const variance =
        to.sigma === 0 || options.variance === 'fixedSmall'
          ? reverse.variance
          : transition(to, from).variance;
      const mean = [
        [reverse.dataCoefficient, denoised],
        [reverse.stateCoefficient, x],
      ] as const;
      return {
        denoised,
        x: weightedSum(variance > 0 ? [...mean, [Math.sqrt(variance), step.noise()]] : mean),
      };
    };
  },
});
