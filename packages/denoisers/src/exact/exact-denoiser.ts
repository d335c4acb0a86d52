import {
  add,
  expandDims,
  logSumExp,
  matMul,
  mul,
  neg,
  softmax,
  sub,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';
import type { GaussianMixture, Level } from '@tweedie/core';
import { mixtureTerms } from './mixture-terms.js';

/**
 * The exact denoiser of a Gaussian mixture, E[x₀ | x_t = x]: what a network that is trained on its
 * samples learns. In float32 on any backend, of plain differentiable operations, with the numbers of the
 * level computed in float64 on the host: compile it as a function of x, once for each level. Holds at
 * α = 0, σ = 0 (with α > 0) and σ = ∞.
 *
 * @param mixture of a data set: `data.mixture`; or of `createGaussianMixture`
 * @returns (x [B, D], level) ↦ [B, D], which throws INVALID_SHAPE for x of another shape
 * @example
 * const denoiser = exactDenoiser(ncsnMixture().mixture);
 */
export function exactDenoiser(mixture: GaussianMixture): (x: Tensor, level: Level) => Tensor {
  const { components } = mixture;
  const terms = mixtureTerms(mixture);
  return (x, level) =>
    tidy(() => {
      const { noisy, offset, logDensities } = terms.at(x, level);
      const share = softmax(logDensities);
      const gain = terms.perAxis(
        components.map(({ variances }, k) =>
          variances.map((v, j) => (level.alpha * v) / noisy[k]!.variances[j]!),
        ),
      );
      const shift = terms.sumOverComponents(mul(expandDims(share, 2), mul(offset, gain)));
      return add(matMul(share as Tensor, terms.means()), shift);
    });
}

/**
 * The exact score of a noised Gaussian mixture, ∇ ln p_t(x), as `exactDenoiser`.
 *
 * @returns (x [B, D], level) ↦ [B, D], which throws INVALID_SHAPE for x of another shape
 */
export function exactScore(mixture: GaussianMixture): (x: Tensor, level: Level) => Tensor {
  const terms = mixtureTerms(mixture);
  return (x, level) =>
    tidy(() => {
      const { offset, precision, logDensities } = terms.at(x, level);
      const share = expandDims(softmax(logDensities), 2);
      return neg(terms.sumOverComponents(mul(share, mul(offset, precision))));
    });
}

/**
 * The exact logarithm of the density of a noised Gaussian mixture, ln p_t(x), as `exactDenoiser`.
 *
 * @returns (x [B, D], level) ↦ [B], which throws INVALID_SHAPE for x of another shape
 */
export function exactLogDensity(mixture: GaussianMixture): (x: Tensor, level: Level) => Tensor1D {
  const terms = mixtureTerms(mixture);
  return (x, level) =>
    tidy(() => {
      const { scale, logDensities } = terms.at(x, level);
      const constant = (mixture.dimension / 2) * Math.log(2 * Math.PI * scale);
      return sub(logSumExp(logDensities, 1), constant) as Tensor1D;
    });
}
