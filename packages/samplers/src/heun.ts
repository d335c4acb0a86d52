import { boundOptions, createBound } from './bound-estimate.js';
import { ddim } from './ddim.js';
import { defineSampler } from './define-sampler.js';
import { weightedSum } from './weighted-sum.js';

/**
 * Heun's method on the probability-flow ODE: second order for two evaluations a step. The slope is
 * that of z = x/α over s = σ/α, dz/ds = (z − D)/s, in which the ODE is the same for every process. Karras
 * et al., "Elucidating the design space of diffusion-based generative models" (2022), algorithm 1;
 * `sample_heun` of k-diffusion without churn.
 *
 * A step to the clean level, and one from pure noise (α = 0), where z has no meaning, is DDIM's.
 */
export const heun = defineSampler({
  id: 'heun',
  doc: "Heun's method on the probability-flow ODE: second order, two evaluations a step",
  source: 'Karras et al. 2022, algorithm 1',
  options: boundOptions,
  rule: (options) => {
    const bound = createBound('heun', options);
    const first = ddim(options).rule;
    return async (step) => {
      const { from, to, x } = step;
      const euler = await step.repeat(first);
      if (to.sigma === 0 || from.alpha === 0) return euler;
      const denoised = step.temporary(await bound(await step.denoise(euler.x, to)));
      // z + (s' − s)/2 · ((z − D)/s + (z' − D')/s'), times α' for the state at `to`.
      const half = (to.sigma / to.alpha - from.sigma / from.alpha) / 2;
      const slope = to.alpha * half * (from.alpha / from.sigma);
      const nextSlope = to.alpha * half * (to.alpha / to.sigma);
      return {
        denoised: euler.denoised,
        x: weightedSum([
          [(to.alpha + slope) / from.alpha, x],
          [-slope, euler.denoised],
          [nextSlope / to.alpha, euler.x],
          [-nextSlope, denoised],
        ]),
      };
    };
  },
});
