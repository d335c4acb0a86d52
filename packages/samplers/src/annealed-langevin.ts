import { boolean, integer, type Level, number } from '@tweedie/core';
import { defineSampler } from './define-sampler.js';
import { defaultRelativeStep, langevinRule } from './langevin.js';
import { passOn } from './pass-on.js';

/** σ_L of a grid: the smallest noise above 0 around unscaled data, σ/α. Noise falls, so it is last. */
function smallestNoise(grid: readonly Level[]): number {
  const { alpha, sigma } = grid.findLast((level) => level.sigma > 0)!;
  return sigma / alpha;
}

/**
 * Annealed Langevin dynamics, algorithm 1 of Song & Ermon, "Generative modeling by estimating
 * gradients of the data distribution" (2019): at each level σ_i in turn T iterations
 * x ← x + (α_i/2) s(x, σ_i) + √α_i z with α_i = ε σ_i²/σ_L², where σ_L is the smallest σ above 0 of
 * the grid; then x passes unchanged to the next level.
 *
 * Each level of the grid but the last is visited once; the last is only arrived at. So a grid that
 * ends clean (`fullGrid(schedule)`: σ_1 … σ_L, 0) makes T iterations at each σ, and so does one that
 * repeats σ_L at its end (`final: 'first'`). The first ends with the denoising of NCSNv2,
 * x ← x + σ_L² s(x, σ_L), one more call of the network; `denoise: false`, or the second, leaves x as
 * the last iteration made it.
 *
 * Where α ≠ 1 this is done on x/α, whose noise is σ/α: x is rescaled between levels, and the step on
 * x is ε σ_i²/(σ_L/α_L)², which holds at pure noise too (there x/σ is what passes on).
 *
 * NCSN's paper has ε = 2·10⁻⁵ at σ_L = 0.01 with T = 100, for images in [0, 1]. The `step_lr` of the
 * code of NCSN and NCSNv2 is the η of x + η s + √(2η) z: enter twice its value, 1.24·10⁻⁵ for the
 * 6.2·10⁻⁶ of NCSNv2 on CIFAR-10. A network that halves σ_L wants a quarter of ε; null, 0.2 σ_L², has
 * the paper's ratio at any σ_L.
 *
 * There is one SampleStep a level. For every iteration, walk `repeatLevels(grid, T)` of
 * `@tweedie/schedules` with `stepsPerLevel: 1`: the same numbers, since σ_L is the grid's.
 */
export const annealedLangevin = defineSampler({
  id: 'annealed-langevin',
  doc: 'annealed Langevin dynamics (NCSN): iterations at each level, then at the next',
  source: 'Song & Ermon 2019, algorithm 1; 2020',
  options: {
    stepSize: number({
      default: null,
      above: 0,
      doc: 'ε at the smallest σ, of x + (ε/2) score + √ε z (twice step_lr of NCSN); null is 0.2 σ_L²',
    }),
    stepsPerLevel: integer({
      default: 100,
      min: 1,
      max: 1_000_000,
      doc: 'iterations T at each level',
    }),
    denoise: boolean({
      default: true,
      doc: 'end on the estimate of the data where the grid ends clean (one more call)',
    }),
  },
  iterations: ({ stepsPerLevel }) => ({ times: stepsPerLevel, once: { stepsPerLevel: 1 } }),
  rule:
    ({ stepSize, stepsPerLevel, denoise }) =>
    async (step) => {
      const relative =
        stepSize === null ? defaultRelativeStep : stepSize / smallestNoise(step.grid) ** 2;
      const chain = await step.repeat(
        langevinRule(({ sigma }) => relative * sigma ** 2),
        { times: stepsPerLevel, to: step.from },
      );
      return passOn(step, chain, denoise);
    },
});
