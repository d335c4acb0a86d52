import { clone, customGrad, type Tensor, zerosLike } from '@tensorflow/tfjs-core';

/** x, whose derivative is 0. */
export function stopGradient(x: Tensor): Tensor {
  return customGrad((input) => ({
    value: clone(input as Tensor),
    gradFunc: (dy: Tensor) => zerosLike(dy),
  }))(x);
}
