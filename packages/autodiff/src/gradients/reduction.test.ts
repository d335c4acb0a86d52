import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  describeGradients,
  expectFirstOrder,
  expectSecondOrder,
  type GradientCase,
} from '../finite-differences.testing.js';
import { valueAndGrad } from '../index.js';
import { reductionGradients } from './reduction.js';

const of = (
  fn: (x: tf.Tensor) => tf.Tensor,
  shape: number[],
  range?: readonly [number, number],
): GradientCase => ({ fn: fn as GradientCase['fn'], shapes: [shape], ...(range && { range }) });

/** Moves elements 5 apart from each other, in no order, so that no step of the differences swaps them. */
function apart(x: tf.Tensor): tf.Tensor {
  const places = Float32Array.from({ length: x.size }, (_, i) => 5 * ((7 * i + 3) % x.size));
  return tf.add(x, tf.tensor(places, x.shape));
}

const cases: Record<string, GradientCase> = {
  'sum over all': of((x) => tf.sum(tf.square(x)), [2, 3]),
  'sum over an inner axis': of((x) => tf.square(tf.sum(x, 1)), [2, 3, 4]),
  'sum that keeps its axis': of((x) => tf.mul(x, tf.sum(x, -1, true)), [2, 3]),
  'sum of a scalar': of((x) => tf.square(tf.sum(x)), []),
  'mean over the outer axes': of((x) => tf.square(tf.mean(x, [0, 2])), [2, 3, 4]),
  'mean over all': of((x) => tf.square(tf.mean(x)), [2, 3]),
  'max over an axis': of((x) => tf.square(tf.max(apart(x), 1)), [3, 4]),
  'max over two axes, kept': of((x) => tf.mul(x, tf.max(apart(x), [0, 2], true)), [2, 3, 2]),
  'min over an axis': of((x) => tf.square(tf.min(apart(x), 0)), [3, 4]),
  'prod over an axis': of((x) => tf.prod(x, 0), [3, 2]),
  'prod over outer axes': of((x) => tf.square(tf.prod(x, [0, 2])), [2, 3, 2]),
  'prod with zeros': of((x) => tf.prod(tf.mul(x, [[1, 0, 1, 1]]), 1), [2, 4]),
  softmax: of((x) => tf.softmax(x), [2, 4]),
  'softmax of rank 3': of((x) => tf.square(tf.softmax(x)), [2, 2, 3]),
  logSumExp: of((x) => tf.logSumExp(x, 1), [2, 4]),
  cumsum: of((x) => tf.square(tf.cumsum(x, 1)), [2, 4]),
  'cumsum, exclusive and reversed': of((x) => tf.square(tf.cumsum(x, 0, true, true)), [4, 2]),
  cumprod: of((x) => tf.square(tf.cumprod(x, 1)), [2, 5]),
  'cumprod, exclusive and reversed': of((x) => tf.square(tf.cumprod(x, 0, true, true)), [4, 2]),
  'cumprod of zeros': of((x) => tf.cumprod(tf.mul(x, [[1, 0, 1, 1, 0]]), 1), [2, 5]),
  'variance by moments': of((x) => tf.moments(x, [0, 1]).variance, [3, 2, 2]),
  'Euclidean norm': of((x) => tf.norm(x, 2, 1), [3, 4]),
};

describeGradients('gradients of reductions', reductionGradients, cases, () => {
  it('are right over any axes', () => {
    const shapeAndAxes = fc
      .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 })
      .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, i) => i))));
    // logSumExp subtracts a maximum, whose gradient must cancel exactly.
    const reduce = { sum: tf.sum, mean: tf.mean, logSumExp: tf.logSumExp };
    fc.assert(
      fc.property(
        shapeAndAxes,
        fc.constantFrom(...Object.values(reduce)),
        fc.boolean(),
        ([shape, axes], fn, keepDims) => {
          const example = of((x) => tf.square(fn(x, axes, keepDims)), shape);
          expectFirstOrder(example, createRng(11));
          expectSecondOrder(example, createRng(11));
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  it('share the gradient of a maximum among equals', () => {
    tf.tidy(() => {
      const { grads } = valueAndGrad(({ x }) => tf.sum(tf.max(x!, 1)))({
        x: tf.tensor2d([
          [2, 5, 5],
          [1, 0, -1],
        ]),
      });
      expect([...grads.x!.dataSync()]).toEqual([0, 0.5, 0.5, 1, 0, 0]);
    });
  });
});
