import { exp, log, max, mul, sigmoid, sub, sum, type Tensor } from '@tensorflow/tfjs-core';

/** x·σ(x), elementwise. Elfwing et al. (2017); Ramachandran et al., "Swish" (2017). */
export function silu<T extends Tensor>(x: T): T {
  return mul(x, sigmoid(x));
}

/**
 * log softmax along an axis. tfjs's own is wrong to second order whatever gradients are registered,
 * since it carries a gradient of its own inside.
 */
export function logSoftmax<T extends Tensor>(x: T, axis = -1): T {
  const shifted = sub(x, max(x, axis, true));
  return sub(shifted, log(sum(exp(shifted), axis, true)));
}
