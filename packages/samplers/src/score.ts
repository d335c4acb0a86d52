import type { Tensor } from '@tensorflow/tfjs-core';
import { type Level, TweedieError } from '@tweedie/core';
import { weightedSum } from './weighted-sum.js';

/**
 * The score ∇ ln p_t(x) = (αD − x)/σ² that an estimate of the data stands for: Tweedie's formula. At
 * pure noise (α = 0) it is −x/σ², whatever the estimate.
 *
 * @param denoised D(x; level), of x's shape
 * @returns a new tensor of x's shape
 * @throws TweedieError INVALID_VALUE at the clean level (σ = 0)
 */
export function scoreOf(denoised: Tensor, x: Tensor, level: Level): Tensor {
  const { t, alpha, sigma } = level;
  if (sigma === 0) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'samplers',
      given: `the score is asked for at a level without noise (t = ${t}, σ = 0)`,
      allowed: 'σ above 0',
    });
  }
  return weightedSum([
    [alpha / sigma ** 2, denoised],
    [-1 / sigma ** 2, x],
  ]);
}
