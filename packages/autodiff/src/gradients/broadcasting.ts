import { backend_util, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';

/** Sums a gradient over the axes along which its operand was broadcast. */
export function unbroadcast(gradient: Tensor, shape: number[]): Tensor {
  const axes = backend_util.getReductionAxes(shape, gradient.shape);
  const reduced = axes.length > 0 ? sum(gradient, axes) : gradient;
  return reshape(reduced, shape);
}
