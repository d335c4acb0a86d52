import { add, mul, reshape, square, sub, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { vjp } from '@tweedie/autodiff';
import { sumItems } from './items.js';

/** What is added to the curvature vᵀ∇s v: the square of the whole score, or of its projection. */
export type Square =
  | { readonly of: 'score'; readonly scale: number }
  | { readonly of: 'projection' };

/**
 * ½(vᵀs)² or ½·scale·‖s‖², plus vᵀ∇s(x)v times `curvatureScale`, for each row: the common form of
 * implicit and of sliced score matching. One forward pass and one backward pass through the score.
 *
 * @param x [N, …]
 * @param v projections of x's shape
 * @returns [N]
 */
export function curvatureObjective(
  score: (x: Tensor) => Tensor,
  x: Tensor,
  v: Tensor,
  added: Square,
  curvatureScale = 1,
): Tensor1D {
  const { value, product } = vjp(score, x, v);
  const curvature = mul(sumItems(mul(product, v)), curvatureScale);
  return add(halfSquare(value, v, added), curvature) as Tensor1D;
}

/**
 * The same from differences: vᵀ∇s v ≈ vᵀ(s(x + εv) − s(x − εv))/2ε, with the mean of the two scores
 * for s. No derivative of the score is needed; the error is of order ε².
 */
export function differenceObjective(
  score: (x: Tensor) => Tensor,
  x: Tensor,
  v: Tensor,
  added: Square,
  epsilon: number,
): Tensor1D {
  const step = mul(v, epsilon);
  const [above, below] = [score(add(x, step)), score(sub(x, step))];
  const curvature = mul(sumItems(mul(sub(above, below), v)), 1 / (2 * epsilon));
  return add(halfSquare(mul(add(above, below), 0.5), v, added), curvature) as Tensor1D;
}

function halfSquare(score: Tensor, v: Tensor, added: Square): Tensor {
  return added.of === 'score'
    ? mul(sumItems(square(score)), added.scale / 2)
    : mul(square(sumItems(mul(score, v))), 0.5);
}

/** Rows of projections [B, M, …] as rows of x, [B·M, …]. */
export function projectionRows(projection: Tensor): Tensor {
  const [count, perItem, ...itemShape] = projection.shape as [number, number, ...number[]];
  return reshape(projection, [count * perItem, ...itemShape]);
}
