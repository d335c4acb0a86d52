import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { agreement, normal, whole } from '../agreement.testing.js';

it('tensors that are known while the function is traced', async () => {
  const run = (x: Tensor, i: Tensor) => [
    tf.zerosLike(x),
    tf.onesLike(i),
    tf.fill([2, 3], 0.5),
    tf.fill([2], 3, 'int32'),
    tf.range(0, 5, 2),
    tf.range(5, 0, -1),
    tf.range(4, -2),
    tf.range(0, 3, 1, 'int32'),
    tf.linspace(-1, 1, 5),
    tf.tensor2d([1, 2, 3, 4], [2, 2]),
    tf.tensor1d([true, false], 'bool'),
    tf.scalar(4, 'int32'),
    tf.zeros([0]),
    tf.eye(3),
  ];
  expect((await agreement(run, normal(2, 3), whole(0, 4, 2))).difference).toBeLessThan(1e-7);
});
