import {
  add,
  div,
  minimum,
  mul,
  type Scalar,
  sqrt,
  square,
  sum,
  type Tensor1D,
} from '@tensorflow/tfjs-core';

/** Euclidean norm of a flat gradient. */
export function globalNorm(gradient: Tensor1D): Scalar {
  return sqrt(sum<Scalar>(square(gradient)));
}

/**
 * Scales a gradient down to a largest Euclidean norm; a shorter one stays as it is, up to a factor
 * of 1. The factor is min(1, maxNorm/(norm + 1e-6)), as in PyTorch. Pascanu et al., "On the
 * difficulty of training recurrent neural networks" (2013), algorithm 1.
 *
 * @param norm the gradient's norm, from `globalNorm`
 */
export function clipByGlobalNorm(gradient: Tensor1D, norm: Scalar, maxNorm: number): Tensor1D {
  return mul(gradient, minimum(div(maxNorm, add(norm, 1e-6)), 1));
}
