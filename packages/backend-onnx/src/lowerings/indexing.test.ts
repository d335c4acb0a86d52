import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { agreement, normal, whole } from '../agreement.testing.js';

describe('indexing', () => {
  it('gathers along any axis, with indices of any rank', async () => {
    const run = (x: Tensor, one: Tensor1D, two: Tensor) => [
      tf.gather(x, one, 0),
      tf.gather(x, one, 1),
      tf.gather(x, two as Tensor1D, 2),
    ];
    const result = await agreement(run, normal(4, 4, 5), whole(0, 4, 6), whole(0, 5, 2, 3));
    expect(result.difference).toBe(0);
  });

  it('one-hot vectors, also outside the range', async () => {
    const labels = tf.tensor1d([0, 2, 4, -1, 5], 'int32');
    const run = (x: Tensor) => [
      tf.oneHot(x, 5),
      tf.oneHot(x, 5, 0.9, 0.1, 'float32'),
      tf.oneHot(x, 3, 1, 0, 'bool'),
    ];
    expect((await agreement(run, labels)).difference).toBeLessThan(1e-7);
  });

  it('sums of segments, ids outside dropped', async () => {
    const ids = tf.tensor1d([0, 2, 2, 1, 7, -1], 'int32');
    const run = (x: Tensor, at: Tensor1D) => tf.unsortedSegmentSum(x, at, 4);
    expect((await agreement(run, normal(6, 3, 2), ids)).difference).toBeLessThan(1e-6);
  });

  it('the gradient of an embedding, to second order', async () => {
    const inner = valueAndGrad(({ table }: Params, labels: Tensor1D) =>
      tf.sum(tf.pow(tf.gather(table!, labels), 3)),
    );
    const outer = valueAndGrad(({ table }: Params, labels: Tensor1D) =>
      tf.sum(tf.square(inner({ table: table! }, labels).grads.table!)),
    );
    const both = (p: Params, labels: Tensor1D) => [inner(p, labels), outer(p, labels)];
    const result = await agreement(both, { table: normal(5, 3) }, whole(0, 5, 8));
    expect(result.difference).toBeLessThan(5e-6);
  });
});
