import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';

it('concatenates, splits, stacks and unstacks', async () => {
  const run = (x: Tensor, y: Tensor) => [
    tf.concat([x, y], 1),
    tf.concat([x, tf.zeros([3, 0]), tf.ones([3, 2])], 1),
    tf.split(x, 2, 1),
    tf.split(x, [1, 2, 1], 1),
    tf.split(x, [1, -1], 0),
    tf.split(tf.ones([4, 2]), 2, 0),
    tf.stack([x, x], 0),
    tf.stack([x, x], -1),
    tf.unstack(x, 0),
    tf.unstack(x, 1),
  ];
  expect((await agreement(run, normal(3, 4), normal(3, 2))).difference).toBe(0);
});
