import type { Tensor } from '@tensorflow/tfjs-core';
import { type Level, number } from '@tweedie/core';
import { defineSampler } from './define-sampler.js';
import { carry } from './pass-on.js';
import { scoreOf } from './score.js';
import type { StepRule } from './step.js';
import { weightedSum } from './weighted-sum.js';

/** The step in units of σ² where none is given: ε = 2·10⁻⁵ at σ = 0.01, as in the NCSN paper. */
export const defaultRelativeStep = 0.2;

/** The step size option of Langevin samplers, for a chain at one level. */
export const stepSizeOption = number({
  default: null,
  above: 0,
  doc: 'ε of x + (ε/2) score + √ε z (twice the η of x + η score + √(2η) z); null is 0.2 σ² of the level',
});

/**
 * x + (ε/2) s + √ε z: one Langevin iteration.
 *
 * @returns a new tensor of x's shape
 */
export function langevinMove(x: Tensor, score: Tensor, noise: Tensor, stepSize: number): Tensor {
  return weightedSum([
    [1, x],
    [stepSize / 2, score],
    [Math.sqrt(stepSize), noise],
  ]);
}

/** A Langevin iteration at `from` with the step size that it has there. */
export function langevinRule(stepSizeAt: (level: Level) => number): StepRule {
  return async (step) => {
    const { from, to } = step;
    const denoised = await step.denoise(step.x, from);
    const score = step.temporary(scoreOf(denoised, step.x, from));
    const moved = step.temporary(langevinMove(step.x, score, step.noise(), stepSizeAt(from)));
    return { denoised, x: carry(moved, from, to) };
  };
}

/**
 * Unadjusted Langevin dynamics, x ← x + (ε/2) ∇ ln p(x) + √ε z. Each step of the grid is one
 * iteration at its level `from`, so a grid that repeats a level is a chain whose law tends to p_t of
 * this level as ε → 0; between different levels x/α passes unchanged. No step denoises, not even one
 * to the clean level.
 *
 * The field writes the step in two ways: as here (NCSN, Song & Ermon 2019, eq. 4) and as
 * x + η ∇ ln p(x) + √(2η) z (NCSNv2, score_sde); ε = 2η. On N(m, v) the chain is stable for ε < 4v
 * and its stationary variance is v/(1 − ε/(4v)).
 */
export const langevin = defineSampler({
  id: 'langevin',
  doc: 'unadjusted Langevin dynamics: one iteration at the level of each step',
  source: 'Song & Ermon 2019, eq. 4',
  options: { stepSize: stepSizeOption },
  rule: ({ stepSize }) => langevinRule(({ sigma }) => stepSize ?? defaultRelativeStep * sigma ** 2),
});
