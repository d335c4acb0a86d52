import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { agreement, normal, uniform, whole } from '../agreement.testing.js';
import { differenceToSecondOrder } from './derivatives.testing.js';

describe('cropAndResize', () => {
  it.each([
    ['bilinear', [3, 4]],
    ['nearest', [3, 4]],
    ['bilinear', [1, 1]],
    ['bilinear', [5, 1]],
  ] as const)('%s to [%s]', async (method, [tall, wide]) => {
    const run = (x: Tensor, boxes: Tensor, owners: Tensor) =>
      tf.image.cropAndResize(
        x as Tensor4D,
        boxes as Tensor2D,
        owners as tf.Tensor1D,
        [tall, wide],
        method,
        -7,
      );
    const boxes = tf.concat([tf.tensor2d([[0, 0, 1, 1]]), uniform(-0.2, 1.2, 4, 4)]);
    const result = await agreement(run, normal(2, 5, 4, 3), boxes, whole(0, 2, 5));
    expect(result.difference).toBeLessThan(1e-5);
  });
});

describe('turned and mirrored images', () => {
  it('rotateWithOffset', async () => {
    for (const fill of [0, [9, 8, 7] as [number, number, number]]) {
      const run = (x: Tensor) => tf.image.rotateWithOffset(x as Tensor4D, 0.7, fill, [0.4, 0.6]);
      expect((await agreement(run, normal(2, 6, 5, 3))).difference).toBe(0);
    }
  });

  it('flipLeftRight', async () => {
    const run = (x: Tensor) => tf.image.flipLeftRight(x as Tensor4D);
    expect((await agreement(run, normal(2, 3, 5, 3))).difference).toBe(0);
  });
});

describe('dilation2d', () => {
  it.each([
    [1, 'valid', 1],
    [2, 'same', 1],
    [1, 'same', 2],
  ] as const)('stride %i, %s, dilation %i', async (stride, pad, dilation) => {
    const run = (x: Tensor, w: Tensor) =>
      tf.dilation2d(x as Tensor4D, w as Tensor3D, stride, pad, dilation);
    const difference = await differenceToSecondOrder(run, normal(2, 5, 6, 3), normal(2, 3, 3));
    expect(difference).toBeLessThan(1e-5);
  });
});
