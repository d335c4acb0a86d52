import { add, mul, type Tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';

/** Σ coefficient · tensor, as a new tensor; terms with the coefficient 0 are left out. */
export function weightedSum(terms: readonly (readonly [number, Tensor])[]): Tensor {
  return tidy(() => {
    const used = terms.filter(([coefficient]) => coefficient !== 0);
    if (used.length === 0) return zerosLike(terms[0]![1]);
    return used
      .map(([coefficient, tensor]) => mul(tensor, coefficient))
      .reduce((a, b) => add(a, b));
  });
}
