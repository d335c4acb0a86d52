import { reshape, sqrt, square, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';

/**
 * The Euclidean norm of each item.
 *
 * @param x [B, ...itemShape]
 * @returns [B, 1, …, 1] of x's rank
 */
export function itemNorms(x: Tensor): Tensor {
  return tidy(() => sqrt(itemSums(square(x))));
}

/** The sum over each item, in the shape of `itemNorms`; item i's does not depend on the batch. */
export function itemSums(x: Tensor): Tensor {
  const [items = 1, ...rest] = x.shape;
  return tidy(() =>
    reshape(sum(reshape(x, [items, -1]), 1), [items, ...rest.map(() => 1)].slice(0, x.rank)),
  );
}
