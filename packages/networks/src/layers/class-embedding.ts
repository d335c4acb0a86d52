import { cast, equal, matMul, range, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { Layer, Scope } from '../kit/declaration.js';
import { normal } from '../kit/initializers.js';

/**
 * A learned vector for each class: label [B] ↦ [B, size]. It is a product with one-hot rows,
 * whose gradient is a product too; that of a gather needs UnsortedSegmentSum, which not every backend
 * has.
 */
export function classEmbedding(scope: Scope, classes: number, size: number): Layer {
  const weight = scope.parameter('weight', [classes, size], normal(1));
  return (params, label: Tensor) => {
    const ids = range(0, classes, 1, 'int32');
    const oneHot = cast(equal(reshape(label, [-1, 1]), reshape(ids, [1, classes])), 'float32');
    return matMul(oneHot, weight(params));
  };
}
