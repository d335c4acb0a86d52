import { hostArray, sizeOf } from '@tweedie/core';
import type { Initializer } from './declaration.js';

/**
 * Uniform in ±1/√fanIn: PyTorch's default for the weights and the biases of linear layers and
 * convolutions (Kaiming uniform with a = √5). He et al., "Delving deep into rectifiers" (2015).
 */
export function fanInUniform(fanIn: number): Initializer {
  const bound = 1 / Math.sqrt(fanIn);
  return (rng, shape) => rng.uniform(shape, -bound, bound);
}

/** Normal, by default with mean 0. */
export function normal(standardDeviation: number, mean = 0): Initializer {
  return (rng, shape) => {
    const { data } = rng.normal(shape);
    return hostArray(
      data.map((value) => value * standardDeviation + mean),
      shape,
    );
  };
}

export function constant(value: number): Initializer {
  return (_rng, shape) => hostArray(new Float32Array(sizeOf(shape)).fill(value), shape);
}
