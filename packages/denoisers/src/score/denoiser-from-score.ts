import { add, mul, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type Denoiser, type Level, TweedieError } from '@tweedie/core';

/**
 * (x, level) ↦ ∇ ln p(x), of x's shape. The result is the caller's to dispose; x stays the caller's.
 */
export type Score = (x: Tensor, level: Level) => Tensor | Promise<Tensor>;

/**
 * The denoiser D = (x + σ²s)/α of a score (Tweedie's formula), so that every sampler takes plain
 * scores: of a known density, of a network trained without noise. A score that does not depend on
 * the noise level makes use of the level's σ only to be carried there and back; the rounding error is
 * about 6·10⁻⁸ |x|/σ², so take σ near the size of x. At σ = 0 the denoiser is x/α, so that a final
 * denoising changes nothing.
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
        package: 'denoisers',
        given: `a score is to denoise pure noise (t = ${t}, α = 0)`,
        allowed: 'levels with α above 0',
        fix: 'begin the grid at a level with some signal, or predict velocity or data',
      });
    }
    const gradient = await score(x, level);
    const denoised = tidy(() => {
      const kept = mul(x, 1 / alpha);
      // Without noise the score may be infinite, and does not count.
      return sigma === 0 ? kept : add(kept, mul(gradient, sigma ** 2 / alpha));
    });
    gradient.dispose();
    return denoised;
  };
}
