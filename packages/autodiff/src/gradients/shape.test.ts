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
import { shapeGradients } from './shape.js';

const of = (fn: (x: tf.Tensor) => tf.Tensor, shape: number[]): GradientCase => ({
  fn: fn as GradientCase['fn'],
  shapes: [shape],
});
const ids = (values: number[], shape = [values.length]) => tf.tensor(values, shape, 'int32');

const cases: Record<string, GradientCase> = {
  clone: of((x) => tf.square(tf.clone(x)), [5]),
  cast: of((x) => tf.square(tf.cast(x, 'float32')), [5]),
  reshape: of((x) => tf.square(tf.reshape(x, [3, 4])), [2, 6]),
  expandDims: of((x) => tf.square(tf.expandDims(x, 1)), [2, 3]),
  squeeze: of((x) => tf.square(tf.squeeze(x)), [2, 1, 3]),
  transpose: of((x) => tf.mul(tf.transpose(x, [2, 0, 1]), tf.ones([4, 2, 3])), [2, 3, 4]),
  'transpose without axes': of((x) => tf.matMul(x, tf.transpose(x)), [2, 3]),
  'reverse along an axis': of((x) => tf.mul(tf.reverse(x, 1), x), [2, 3]),
  'reverse along all axes': of((x) => tf.mul(tf.reverse(x), x), [2, 3]),
  broadcastTo: of((x) => tf.square(tf.broadcastTo(x, [2, 3, 4])), [3, 1]),
  slice: of((x) => tf.square(tf.slice(x, [1, 2], [2, 3])), [4, 5]),
  'slice to the end': of((x) => tf.square(tf.slice(x, 1)), [4, 2]),
  pad: of(
    (x) =>
      tf.square(
        tf.pad(
          x,
          [
            [1, 0],
            [2, 1],
          ],
          3,
        ),
      ),
    [2, 3],
  ),
  tile: of((x) => tf.square(tf.tile(x, [2, 1, 3])), [2, 3, 2]),
  'tile times something': {
    fn: (x, y) => tf.mul(tf.tile(x!, [2, 2]), y!),
    shapes: [
      [2, 3],
      [4, 6],
    ],
  },
  split: of(
    (x) => {
      const [a, b] = tf.split(x, [3, 4]);
      return tf.mul(tf.sum(tf.square(a!)), tf.sum(tf.sin(b!)));
    },
    [7],
  ),
  'split, one piece unused': of((x) => tf.square(tf.split(x, [1, 2], 1)[1]!), [2, 3]),
  'split into one': of((x) => tf.square(tf.split(x, 1, 1)[0]!), [2, 3]),
  concat: {
    fn: (a, b) => tf.square(tf.concat([a!, b!, a!], -1)),
    shapes: [
      [2, 3],
      [2, 1],
    ],
  },
  'concat of one': of((x) => tf.square(tf.concat([x], 0)), [2, 3]),
  stack: {
    fn: (a, b) => tf.square(tf.stack([a!, b!, a!], 1)),
    shapes: [
      [2, 3],
      [2, 3],
    ],
  },
  unstack: of((x) => tf.mul(...(tf.unstack(x, 1) as [tf.Tensor, tf.Tensor])), [3, 2]),
  'unstack of one': of((x) => tf.square(tf.unstack(x)[0]!), [1, 3]),
  'gather with repeated indices': of((x) => tf.square(tf.gather(x, ids([1, 3, 1]))), [4, 3]),
  'gather along an inner axis': of(
    (x) => tf.square(tf.gather(x, ids([1, 3, 0, 1], [2, 2]), 1)),
    [2, 4, 3],
  ),
  'gather with batch axes': of(
    (x) => tf.square(tf.gather(x, ids([1, 1, 3, 0], [2, 2]), 2, 1)),
    [2, 2, 4, 3],
  ),
  unsortedSegmentSum: of(
    (x) => tf.square(tf.unsortedSegmentSum(x, ids([0, 2, 0]) as tf.Tensor1D, 3)),
    [3, 2],
  ),
  'unsortedSegmentSum with ids of no segment': of(
    (x) => tf.square(tf.unsortedSegmentSum(x, ids([0, -1, 2, 3, 0]) as tf.Tensor1D, 3)),
    [5, 2],
  ),
};

describeGradients('gradients of operations on shapes', shapeGradients, cases, () => {
  it('are right for any tiling', () => {
    const extent = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(extent, extent), { minLength: 1, maxLength: 4 }), (axes) => {
        const shape = axes.map(([size]) => size);
        const reps = axes.map(([, times]) => times);
        const big = shape.map((size, i) => size * reps[i]!);
        const example: GradientCase = {
          fn: (x, y) => tf.mul(tf.square(tf.tile(x!, reps)), y!),
          shapes: [shape, big],
        };
        expectFirstOrder(example, createRng(5));
        expectSecondOrder(example, createRng(5));
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('send nothing through a cast to whole numbers', () => {
    tf.tidy(() => {
      const { grads } = valueAndGrad(({ x }) =>
        tf.sum(tf.mul(tf.cast(tf.cast(x!, 'int32'), 'float32'), x!)),
      )({ x: tf.tensor1d([1.5, 2.5]) });
      expect([...grads.x!.dataSync()]).toEqual([1, 2]);
    });
  });
});
