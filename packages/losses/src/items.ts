import {
  add,
  expandDims,
  mul,
  reshape,
  type Scalar,
  sum,
  type Tensor,
  type Tensor1D,
  tile,
} from '@tensorflow/tfjs-core';
import { type Conditioning, recordOf, type TensorBatch, type TensorDraws } from '@tweedie/core';
import { dropoutOf } from './drawing/dropout-draws.js';

/** A number for each item, [B], in the shape in which it multiplies x. */
export function perItem(values: Tensor, x: Tensor): Tensor {
  return reshape(values, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);
}

/** Each item `repeats` times in a row: [B, …] ↦ [B·repeats, …]. */
export function repeatItems(tensor: Tensor, repeats: number): Tensor {
  if (repeats === 1) return tensor;
  const [count, ...itemShape] = tensor.shape as [number, ...number[]];
  const copies = tile(expandDims(tensor, 1), [1, repeats, ...itemShape.map(() => 1)]);
  return reshape(copies, [count * repeats, ...itemShape]);
}

/** Sum over everything but the items: [B, …] ↦ [B]. */
export function sumItems(tensor: Tensor): Tensor1D {
  return sum(reshape(tensor, [tensor.shape[0]!, -1]), 1);
}

/** Mean over the items of weight·value; each item may have several rows of values. */
export function weightedMean(values: Tensor1D, weight: Tensor): Scalar {
  const repeats = values.shape[0] / weight.shape[0]!;
  const total = sum(mul(values, repeatItems(weight, repeats)));
  return mul(total, 1 / values.shape[0]) as Scalar;
}

/** A mixture of the data and of the noise that was drawn, data·x₀ + noise·ε, of x₀'s shape. */
export function mixture(
  x: Tensor,
  draws: TensorDraws,
  coefficients: { readonly data: Tensor; readonly noise: Tensor },
): Tensor {
  return add(
    mul(perItem(coefficients.data, x), x),
    mul(perItem(coefficients.noise, x), draws.noise!),
  );
}

/**
 * What the network is conditioned on, from the draws of `drawLevels`: the term `time`, the labels (of
 * the draws, else of the batch) and the dropout masks.
 *
 * @param repeats how many rows of the network's input belong to each item, one item's after the other's
 */
export function conditioningOf(batch: TensorBatch, draws: TensorDraws, repeats = 1): Conditioning {
  const rows = (tensor: Tensor) => repeatItems(tensor, repeats);
  const label = (draws.label as Tensor1D | undefined) ?? batch.label;
  const masks = dropoutOf(draws);
  return {
    time: rows(draws.time!) as Tensor1D,
    label: label && (rows(label) as Tensor1D),
    dropout: masks && recordOf(Object.entries(masks).map(([name, mask]) => [name, rows(mask)])),
  };
}
