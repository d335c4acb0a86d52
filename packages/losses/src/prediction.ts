import { sub, type Tensor } from '@tensorflow/tfjs-core';
import '@tweedie/autodiff';
import {
  type Level,
  type Model,
  type Params,
  type TensorBatch,
  type TensorDraws,
  targetCoefficients,
} from '@tweedie/core';
import { conditioningOf, mixture } from './items.js';
import type { Weighting } from './weightings/index.js';

/**
 * What an item contributes to a loss of the network's prediction, in float64, as terms of
 * `drawLevels`: the network's time input, its input c_in·x_t and its target as mixtures of x₀ and ε,
 * and the weight of the squared error of F that is `weighting` of that of the data.
 */
export function predictionTerms(
  { parameterization }: Model,
  level: Level,
  weighting: Pick<Weighting, 'weight'>,
) {
  const coefficients = parameterization.coefficients(level);
  const target = targetCoefficients(parameterization, level);
  return {
    time: coefficients.noise,
    inputData: coefficients.in * level.alpha,
    inputNoise: coefficients.in * level.sigma,
    targetData: target.data,
    targetNoise: target.noise,
    // D − x₀ = c_out (F − target).
    weight: weighting.weight(level) * coefficients.out ** 2,
  };
}

/** F − target of each item, of x's shape, from the draws of `predictionTerms`. */
export function predictionError(
  { network }: Model,
  params: Params,
  batch: TensorBatch,
  draws: TensorDraws,
): Tensor {
  const { x } = batch;
  const input = mixture(x, draws, { data: draws.inputData!, noise: draws.inputNoise! });
  const predicted = network.apply(params, input, conditioningOf(batch, draws));
  const target = mixture(x, draws, { data: draws.targetData!, noise: draws.targetNoise! });
  return sub(predicted, target);
}
