import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';

it('pads with a constant and with mirrors', async () => {
  const run = (x: Tensor) => [
    tf.pad(x, [[1, 2], [0, 1]], 0.5), // biome-ignore format: pairs
    tf.mirrorPad(x, [[2, 1], [0, 3]], 'reflect'), // biome-ignore format: pairs
    tf.mirrorPad(x, [[3, 1], [2, 4]], 'symmetric'), // biome-ignore format: pairs
  ];
  expect((await agreement(run, normal(3, 4))).difference).toBe(0);
});
