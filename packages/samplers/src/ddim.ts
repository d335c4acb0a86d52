import { boolean, number, posterior } from '@tweedie/core';
import { boundOptions, createBound } from './bound-estimate.js';
import { defineSampler } from './define-sampler.js';
import { weightedSum } from './weighted-sum.js';

/**
 * x_s = α_s x̂₀ + √(σ_s² − s²) ε̂ + s z with s = η √(posterior variance): deterministic at η = 0, where
 * it is the exponential Euler step of the probability-flow ODE, and ancestral sampling at η = 1. Song
 * et al., "Denoising diffusion implicit models" (2021), eq. 12 and 16, here between any two levels of
 * any process.
 */
export const ddim = defineSampler({
  id: 'ddim',
  doc: 'DDIM: deterministic at eta 0, ancestral at eta 1',
  source: 'Song, Meng & Ermon 2021',
  options: {
    eta: number({ default: 0, min: 0, max: 1, doc: 'how much of the noise is drawn anew' }),
    recomputeNoise: boolean({
      default: false,
      doc: 'take ε from the estimate after clipping (use_clipped_model_output of diffusers)',
    }),
    ...boundOptions,
  },
  rule: (options) => {
    const bound = createBound('ddim', options);
    return async (step) => {
      const { from, to, x } = step;
      const raw = await step.denoise(x, from);
      const denoised = await bound(raw);
      const variance = options.eta ** 2 * posterior(from, to).variance;
      // ε̂ = (x − α x̂₀)/σ; its weight is split between x and x̂₀.
      const share = Math.sqrt(Math.max(0, to.sigma ** 2 - variance)) / from.sigma;
      const mean = [
        [to.alpha, denoised],
        [share, x],
        [-share * from.alpha, options.recomputeNoise ? denoised : raw],
      ] as const;
      return {
        denoised,
        x: weightedSum(variance > 0 ? [...mean, [Math.sqrt(variance), step.noise()]] : mean),
      };
    };
  },
});
