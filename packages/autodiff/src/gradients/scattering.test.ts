import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { valueAndGrad } from '../index.js';
import { scatteringGradients } from './scattering.js';

const whole = (values: number[], shape: number[]) => tf.tensor(values, shape, 'int32');

const cases: Record<string, GradientCase> = {
  'gatherND of elements': {
    fn: (x) => tf.square(tf.gatherND(x!, whole([0, 1, 2, 0, 0, 1], [3, 2]))),
    shapes: [[3, 2]],
  },
  'gatherND of rows': {
    fn: (x) => tf.square(tf.gatherND(x!, whole([2, 0, 2], [3, 1]))),
    shapes: [[3, 4]],
  },
  'scatterND, with places that repeat': {
    fn: (x) => tf.square(tf.scatterND(whole([1, 3, 1], [3, 1]), x!, [5, 2])),
    shapes: [[3, 2]],
  },
  'scatterND by a vector of places': {
    fn: (x) => tf.square(tf.scatterND(whole([1, 3, 1], [3]), x!, [5, 2])),
    shapes: [[3, 2]],
  },
  tensorScatterUpdate: {
    // Of a copy: tfjs's cpu backend writes into the input.
    fn: (x, y) => tf.square(tf.tensorScatterUpdate(tf.add(x!, 0), whole([2, 0], [2, 1]), y!)),
    shapes: [
      [4, 3],
      [2, 3],
    ],
  },
  sparseToDense: {
    fn: (x, d) =>
      tf.square(tf.sparseToDense(whole([0, 1, 2, 0], [2, 2]), x!, [3, 2] as never, d as tf.Scalar)),
    shapes: [[2], []],
  },
  'sparseToDense of one value': {
    fn: (x, d) =>
      tf.mul(
        tf.square(
          tf.sparseToDense(
            tf.tensor1d([0, 3], 'int32'),
            x as tf.Scalar,
            [5] as never,
            d as tf.Scalar,
          ),
        ),
        x!,
      ),
    shapes: [[], []],
  },
  topk: {
    fn: (x) =>
      tf.square(
        tf.topk(
          tf.add(
            x!,
            tf.mul(
              [
                [0, 9, 3, 6],
                [6, 0, 9, 3],
              ],
              2,
            ),
          ),
          3,
        ).values,
      ),
    shapes: [[2, 4]],
  },
};

describeGradients('gradients of scattering', scatteringGradients, cases, () => {
  it('places have none', () => {
    const { grads } = valueAndGrad(({ x }) => {
      const { values, indices } = tf.topk(x!, 1);
      return tf.sum(tf.add(values, tf.gatherND([5, 6, 7], tf.reshape(indices, [-1, 1]))));
    })({ x: tf.tensor2d([[1, 3, 2]]) });
    expect(Array.from(grads.x!.dataSync())).toEqual([0, 1, 0]);
  });
});
