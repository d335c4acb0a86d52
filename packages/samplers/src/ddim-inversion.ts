import { boundOptions, createBound } from './bound-estimate.js';
import { defineSampler } from './define-sampler.js';
import { weightedSum } from './weighted-sum.js';

/**
 * DDIM backwards: finds the noise from which deterministic DDIM makes a given sample. Walks a grid
 * from data to noise, e.g. `[...trailingGrid(schedule, 50)].reverse()`. The noise that the forward
 * step would have seen at `to` is taken from the state at `from`, which is nearly the same when steps
 * are short: Dhariwal & Nichol, "Diffusion models beat GANs" (2021), appendix F; Mokady et al. (2022),
 * section 3.
 */
export const ddimInversion = defineSampler({
  id: 'ddim-inversion',
  doc: 'from a sample back to the noise that deterministic DDIM makes it of',
  options: boundOptions,
  direction: 'invert',
  rule: (options) => {
    const bound = createBound('ddim-inversion', options);
    return async (step) => {
      const { from, to, x } = step;
      const estimate = await step.denoise(x, to);
      // ε̂ = (x − α_to D)/σ_to, put into x̂₀ = (x − σ_from ε̂)/α_from and α_to x̂₀ + σ_to ε̂.
      const ratio = from.sigma / to.sigma;
      const data = step.temporary(
        weightedSum([
          [(1 - ratio) / from.alpha, x],
          [(ratio * to.alpha) / from.alpha, estimate],
        ]),
      );
      const denoised = await bound(data);
      return {
        denoised,
        x: weightedSum([
          [to.alpha, denoised],
          [1, x],
          [-to.alpha, estimate],
        ]),
      };
    };
  },
});
