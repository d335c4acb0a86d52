import {
  add,
  expandDims,
  logSumExp,
  matMul,
  mul,
  neg,
  reshape,
  softmax,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
} from '@tensorflow/tfjs-core';
import { type Level, TweedieError } from '@tweedie/core';
import { type GaussianMixture, logWeights, toAxes, withNoise } from './mixture.js';

/** What a mixture answers about batches x [B, D] at a level, in float32 on any backend. */
export interface MixtureTensors {
  /** E[x₀ | x_t = x], [B, D]: the exact denoiser. */
  denoiser(x: Tensor, level: Level): Tensor;
  /** ∇ ln p_t(x), [B, D]. */
  score(x: Tensor, level: Level): Tensor;
  /** ln p_t(x), [B]. */
  logDensity(x: Tensor, level: Level): Tensor1D;
}

/**
 * The tensor functions of a mixture, of plain differentiable operations. A level's constants are
 * made in float64 for each call.
 */
export function mixtureTensors({ components, dimension }: GaussianMixture): MixtureTensors {
  const count = components.length;
  const isAligned = components.every(({ axes }) => axes === undefined);
  // All axes of all components side by side: row k·D + j is axis j of component k.
  const allAxes = components.flatMap(({ axes, mean }) =>
    (axes ?? mean.map((_, j) => mean.map((_, i) => (i === j ? 1 : 0)))).flat(),
  );
  const axesTensor = () => tensor2d(allAxes, [count * dimension, dimension]);
  const perAxis = (values: readonly (readonly number[])[]) =>
    tensor3d(values.flat(), [1, count, dimension]);

  /** Σ_k of vectors [B, K, D] that are given along the axes, [B, D]. */
  const collect = (along: Tensor): Tensor =>
    isAligned
      ? sum(along, 1)
      : matMul(reshape(along, [-1, count * dimension]) as Tensor, axesTensor());

  /** x − αm_k along the axes [B, K, D], and the logarithm of each component's density [B, K]. */
  const look = (x: Tensor, level: Level) => {
    if (x.rank !== 2 || x.shape[1] !== dimension) {
      throw new TweedieError({
        code: 'INVALID_SHAPE',
        package: 'data',
        given: `x has the shape [${x.shape.join(', ')}]`,
        allowed: `[B, ${dimension}]`,
      });
    }
    const noisy = withNoise(components, level);
    const { logs, scale } = logWeights(noisy);
    const centres = perAxis(noisy.map(({ mean, axes }) => toAxes(axes, mean)));
    const along = isAligned
      ? expandDims(x, 1)
      : reshape(matMul(x, axesTensor(), false, true), [-1, count, dimension]);
    const offset = sub(along, centres);
    const precision = perAxis(noisy.map(({ variances }) => variances.map((v) => 1 / v)));
    const distance = sum(mul(mul(offset, offset), precision), 2);
    const logDensities = sub(tensor1d([...logs]), mul(distance, 0.5));
    return { noisy, scale, offset, precision, logDensities };
  };

  return {
    denoiser: (x, level) =>
      tidy(() => {
        const { noisy, offset, logDensities } = look(x, level);
        const share = softmax(logDensities);
        const gain = perAxis(
          components.map(({ variances }, k) =>
            variances.map((v, j) => (level.alpha * v) / noisy[k]!.variances[j]!),
          ),
        );
        const means = tensor2d(
          components.flatMap(({ mean }) => mean),
          [count, dimension],
        );
        const shift = collect(mul(expandDims(share, 2), mul(offset, gain)));
        return add(matMul(share as Tensor, means), shift);
      }),
    score: (x, level) =>
      tidy(() => {
        const { offset, precision, logDensities } = look(x, level);
        return neg(collect(mul(expandDims(softmax(logDensities), 2), mul(offset, precision))));
      }),
    logDensity: (x, level) =>
      tidy(() => {
        const { scale, logDensities } = look(x, level);
        const constant = (dimension / 2) * Math.log(2 * Math.PI * scale);
        return sub(logSumExp(logDensities, 1), constant) as Tensor1D;
      }),
  };
}
