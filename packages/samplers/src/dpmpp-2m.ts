import type { Tensor } from '@tensorflow/tfjs-core';
import { boolean, choice, halfLogSnr } from '@tweedie/core';
import { boundOptions, createBound } from './bound-estimate.js';
import { defineSampler } from './define-sampler.js';
import type { Step, StepResult } from './step.js';
import { weightedSum } from './weighted-sum.js';

/** What a step needs of the one before: its estimate of the data, and its length in λ. */
export interface Before {
  readonly denoised: Tensor;
  readonly h: number;
}

/**
 * DPM-Solver++(2M): the exponential integrator of second order with one evaluation a step, which
 * extrapolates the estimate of the data from the step before. Lu et al., "DPM-Solver++: Fast solver for
 * guided sampling of diffusion probabilistic models" (2022), algorithm 2; `DPMSolverMultistepScheduler`
 * of diffusers at order 2, `sample_dpmpp_2m` of k-diffusion.
 *
 * The first step, one to the clean level and one after pure noise are of first order, which is DDIM.
 */
export const dpmpp2m = defineSampler({
  id: 'dpmpp-2m',
  doc: 'DPM-Solver++(2M): second order, one evaluation a step',
  source: 'Lu et al. 2022, algorithm 2',
  options: {
    solver: choice(['midpoint', 'heun'], {
      default: 'midpoint',
      doc: 'how the slope between two estimates enters (solver_type of diffusers)',
    }),
    lowerOrderFinal: boolean({
      default: false,
      doc: 'make the last step of first order even if it does not end clean (euler_at_final)',
    }),
    ...boundOptions,
  },
  rule: (options) => {
    const bound = createBound('dpmpp-2m', options);
    return async (step: Step<Before>): Promise<StepResult<Before>> => {
      const { from, to, x, memory, index, grid } = step;
      const denoised = await bound(await step.denoise(x, from));
      const h = halfLogSnr(to) - halfLogSnr(from);
      const isLast = index === grid.length - 2;
      const isFirstOrder =
        !memory?.h || h === 0 || to.sigma === 0 || (options.lowerOrderFinal && isLast);
      // x = (σ'/σ) x + α' φ D + α' w (D − D₋)/r with r = h₋/h.
      const phi = -Math.expm1(-h);
      const weight = options.solver === 'midpoint' ? phi / 2 : 1 - phi / h;
      const slope = isFirstOrder ? 0 : to.alpha * weight * (h / memory.h);
      const next = weightedSum([
        [to.sigma / from.sigma, x],
        [to.alpha * phi + slope, denoised],
        [-slope, memory?.denoised ?? denoised],
      ]);
      return { x: next, denoised, memory: { denoised, h } };
    };
  },
});
