import type { Tensor } from '@tensorflow/tfjs-core';
import type { Level } from '@tweedie/core';
import type { Step, StepResult } from './step.js';
import { weightedSum } from './weighted-sum.js';

/**
 * A state taken from one level to another as it is: x/α stays, so that unscaled data pass unchanged.
 * From pure noise (α = 0), where there is no such frame, x/σ stays.
 *
 * @returns a new tensor
 */
export function carry(x: Tensor, from: Level, to: Level): Tensor {
  const factor = from.alpha > 0 ? to.alpha / from.alpha : to.sigma / from.sigma;
  return factor === 1 ? x.clone() : weightedSum([[factor, x]]);
}

/**
 * The end of a step that made no move to its next level: x passes unchanged, and to the clean level
 * becomes the estimate of the data D(x, from) = (x + σ² score)/α, where `denoise` asks for it.
 */
export async function passOn(
  step: Step,
  { x, denoised }: StepResult,
  denoise: boolean,
): Promise<StepResult> {
  const { from, to } = step;
  if (!denoise || to.sigma > 0) return { denoised, x: carry(x, from, to) };
  const last = await step.denoise(x, from);
  return { denoised: last, x: last };
}
