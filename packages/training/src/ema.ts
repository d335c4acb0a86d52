import { add, mul, type Scalar, sub, type Tensor1D } from '@tensorflow/tfjs-core';

/**
 * Decay of an exponential moving average with a warm-up, min(decay, (1 + t)/(10 + t)): early on the
 * average follows the weights, so that it does not remember how they began. As in score_sde and
 * TensorFlow's ExponentialMovingAverage.
 *
 * @param step number of the update, t = 1 for the first
 */
export function emaDecayAt(step: number, decay: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

/**
 * One update of the average, ema + rate·(params − ema), with rate = 1 − decay. In this form equal
 * weights are a fixed point also in float32.
 */
export function updateEma(ema: Tensor1D, params: Tensor1D, rate: Scalar): Tensor1D {
  return add(ema, mul(sub(params, ema), rate));
}
