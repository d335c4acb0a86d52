import type { Tensor } from '@tensorflow/tfjs-core';
import { type Denoiser, type Level, TweedieError } from '@tweedie/core';
import { weightedSum } from './sampler.js';

/**
 * (x, level) ↦ ∇ ln p(x), of x's shape. The result is the caller's to dispose; x stays the caller's.
 */
export type Score = (x: Tensor, level: Level) => Tensor | Promise<Tensor>;

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

/**
 * The denoiser D = (x + σ²s)/α of a score, so that every sampler takes plain scores: of a known
 * density, of a network trained without noise. Where the score has no noise level, the level's σ only
 * carries it there and back; the rounding error is about 6·10⁻⁸ |x|/σ², so take σ near the size of x.
 * At σ = 0 it is x/α, which makes a final denoising no change.
 *
 * @throws TweedieError INVALID_VALUE at pure noise (α = 0), where a score says nothing of the data
 * @example
 * const denoiser = denoiserFromScore((x) => neg(x)); // of a standard normal
 * const grid = new Array(1001).fill({ t: 0, alpha: 1, sigma: 1 });
 * const samples = await runSampler(langevin({ stepSize: 0.1 }), denoiser, start, grid, { rng });
 */
export function denoiserFromScore(score: Score): Denoiser {
  return async (x, level) => {
    const { t, alpha, sigma } = level;
    if (alpha === 0) {
      throw new TweedieError({
        code: 'INVALID_VALUE',
        package: 'samplers',
        given: `a score is to denoise pure noise (t = ${t}, α = 0)`,
        allowed: 'levels with α above 0',
        fix: 'begin the grid at a level with some signal, or predict velocity or data',
      });
    }
    const gradient = await score(x, level);
    const denoised = weightedSum([
      [1 / alpha, x],
      [sigma ** 2 / alpha, gradient],
    ]);
    gradient.dispose();
    return denoised;
  };
}
