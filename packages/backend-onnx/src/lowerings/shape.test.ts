import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { conv2d, valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, normal, whole } from '../agreement.testing.js';

const transposes = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })
  .chain((shape) => {
    const axes = shape.map((_, axis) => axis);
    const order = fc.shuffledSubarray(axes, { minLength: axes.length });
    return fc.record({ shape: fc.constant(shape), first: order, second: order });
  });

describe('shapes', () => {
  it('transposes, one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(transposes, async ({ shape, first, second }) => {
        const run = (x: Tensor) => [
          tf.transpose(tf.transpose(x, first), second),
          tf.reshape(tf.transpose(x, second), [-1]),
        ];
        expect((await agreement(run, normal(...shape))).difference).toBe(0);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('reshapes, expandDims and squeeze', async () => {
    const run = (x: Tensor) => [
      tf.reshape(tf.reshape(x, [6, -1]), [4, 3, 2]),
      tf.expandDims(x, 0),
      tf.expandDims(x, -1),
      tf.squeeze(tf.expandDims(x, 1)),
      tf.reshape(tf.fill([2, 3, 4], 7), [24]),
    ];
    expect((await agreement(run, normal(2, 3, 4))).difference).toBe(0);
  });

  it('broadcasts and tiles', async () => {
    const run = (x: Tensor, y: Tensor, s: Tensor) => [
      tf.broadcastTo(x, [4, 2, 3]),
      tf.broadcastTo(y, [2, 3]),
      tf.broadcastTo(s, [2, 2]),
      tf.tile(x, [2, 3]),
      tf.tile(y, [1, 5]),
      tf.transpose(tf.broadcastTo(y, [2, 3])),
      tf.slice(tf.broadcastTo(y, [2, 3]), [1, 1], [1, 2]),
      tf.sum(tf.broadcastTo(y, [2, 3]), 0),
      tf.concat([tf.broadcastTo(y, [2, 3]), x], 0),
      tf.matMul(tf.broadcastTo(y, [2, 3]), x, false, true),
      tf.mul(tf.broadcastTo(y, [2, 3]), tf.broadcastTo(s, [2, 3])),
    ];
    expect(
      (await agreement(run, normal(2, 3), normal(2, 1), tf.scalar(3))).difference,
    ).toBeLessThan(1e-6);
  });

  it.each([6, 48])(
    'takes an image of %i channels out of the layout that a convolution leaves',
    async (channels) => {
      const run = (x: Tensor, w: Tensor) => {
        const y = conv2d(x, w, undefined, { padding: 1 });
        const [n, h, width, c] = y.shape;
        return [
          y,
          tf.reshape(y, [n, h * width, c]),
          tf.transpose(y, [0, 3, 1, 2]),
          tf.transpose(y, [2, 1, 0, 3]),
          tf.slice(y, [0, 1, 0, 2], [n, 2, width, 3]),
          tf.slice(y, [0, 1, 0, c / 3], [n, 2, width, c / 3]),
          tf.stridedSlice(y, [0, 0, 1, 0], [n, h, width, c], [1, 2, 2, 3]),
          tf.reverse(y, [1, 3]),
          tf.pad(y, [
            [0, 0],
            [1, 0],
            [0, 2],
            [0, 1],
          ]),
          tf.pad(y, [
            [0, 0],
            [1, 0],
            [0, 2],
            [16, 32],
          ]),
          tf.reverse(y, [1, 2]),
          tf.concat([y, y], 3),
          tf.concat([y, y], 2),
          tf.greater(y, tf.reverse(y, 3)),
          tf.concat([y, x, y], 3),
          tf.concat([x, tf.slice(y, [0, 0, 0, 0], [n, h, width, 3])], 1),
          tf.split(y, 3, 3),
          tf.split(y, 5, 1),
          tf.softmax(y),
          tf.add(y, tf.range(0, c)),
          tf.add(y, tf.reshape(tf.range(0, h * width), [h, width, 1])),
          tf.add(y, tf.transpose(y, [0, 1, 2, 3])),
          tf.mul(y, tf.reshape(tf.sum(x, [1, 2, 3]), [n, 1, 1, 1])),
          tf.tile(y, [1, 2, 1, 1]),
          tf.gather(y, [1, 0], 3),
        ];
      };
      const result = await agreement(run, normal(2, 5, 4, 3), normal(channels, 3, 3, 3));
      expect(result.difference).toBeLessThan(5e-6);
    },
  );

  it('gradients', async () => {
    const loss = valueAndGrad(({ x, y }: Params) => {
      const t = tf.transpose(tf.reshape(x!, [3, 2, 4]), [2, 0, 1]);
      const b = tf.broadcastTo(y!, [4, 3, 2]);
      return tf.sum(tf.square(tf.add(tf.mul(t, b), tf.tile(y!, [4, 3, 1]))));
    });
    expect(
      (await agreement(loss, { x: normal(6, 4), y: normal(1, 1, 2) })).difference,
    ).toBeLessThan(5e-6);
  });

  it('moves whole numbers and truth values too', async () => {
    const run = (x: Tensor) => {
      const b = tf.greater(x, tf.scalar(2, 'int32'));
      return [x, b].flatMap((t) => [tf.transpose(t), tf.reshape(t, [6, 2]), tf.tile(t, [1, 2])]);
    };
    expect((await agreement(run, whole(0, 5, 3, 4))).difference).toBe(0);
  });
});
