import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { conv2d, logSoftmax, valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, coins, normal, whole } from '../agreement.testing.js';

const reducers = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, prod: tf.prod };

const reductions = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axes: fc.subarray(shape.map((_, axis) => axis)),
      keepDims: fc.boolean(),
    }),
  );

describe('reductions', () => {
  it.each(Object.entries(reducers))('%s over any axes', async (_name, reduce) => {
    await fc.assert(
      fc.asyncProperty(reductions, async ({ shape, axes, keepDims }) => {
        const run = (x: Tensor) => reduce(x, axes, keepDims);
        expect((await agreement(run, normal(...shape))).difference).toBeLessThan(5e-6);
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  it('over all axes, by default', async () => {
    const run = (x: Tensor) => Object.values(reducers).map((reduce) => reduce(x));
    expect((await agreement(run, normal(3, 4, 2))).difference).toBeLessThan(5e-6);
  });

  it.each([6, 32])(
    'of an image of %i channels in the layout that a convolution leaves',
    async (channels) => {
      const axes = [[3], [1, 2], [0, 1, 2], [0, 3], [1], [2, 3], [0], [1, 3], []];
      const run = (x: Tensor, w: Tensor) => {
        const y = conv2d(x, w, undefined, { padding: 1 });
        return axes.flatMap((axis) => [tf.sum(y, axis), tf.max(y, axis, true)]);
      };
      const result = await agreement(run, normal(2, 5, 4, 3), normal(channels, 3, 3, 3));
      expect(result.difference).toBeLessThan(5e-6);
    },
  );

  it('of whole numbers and truth values', async () => {
    const run = (i: Tensor, b: Tensor) => [
      tf.sum(i, 1),
      tf.max(i, 0),
      tf.min(i),
      tf.sum(b, 1),
      tf.all(b, 1),
      tf.any(b, 0, true),
    ];
    const result = await agreement(run, whole(-9, 9, 4, 5), coins(4, 5));
    expect(result).toMatchObject({
      types: ['int32', 'int32', 'int32', 'int32', 'bool', 'bool'],
      difference: 0,
    });
  });

  it('argMax and argMin take the first of equals', async () => {
    const run = (x: Tensor) =>
      [0, 1, -1].flatMap((axis) => [tf.argMax(x, axis), tf.argMin(x, axis)]);
    expect((await agreement(run, whole(0, 3, 4, 6))).difference).toBe(0);
    expect((await agreement(run, normal(4, 6))).difference).toBe(0);
    expect((await agreement(run, coins(4, 6))).difference).toBe(0);
  });

  it('cumulative sums', async () => {
    const run = (x: Tensor) =>
      [true, false].flatMap((exclusive) =>
        [true, false].flatMap((reverse) =>
          [0, 1, 2].map((axis) => tf.cumsum(x, axis, exclusive, reverse)),
        ),
      );
    expect((await agreement(run, normal(3, 4, 5))).difference).toBeLessThan(2e-6);
  });

  it('softmax, logSoftmax and logSumExp, with their gradients to second order', async () => {
    const functions = [
      (x: Tensor) => tf.softmax(x),
      (x: Tensor) => logSoftmax(x, -1),
      (x: Tensor) => tf.logSumExp(x, 1),
    ];
    for (const f of functions) {
      const first = valueAndGrad(({ x }: Params) => tf.sum(tf.square(f(x!))));
      const second = valueAndGrad((p: Params) => tf.sum(tf.square(first(p).grads.x!)));
      const all = (p: Params) => [f(p.x!), first(p), second(p)];
      expect((await agreement(all, { x: normal(4, 7) })).difference).toBeLessThan(1e-5);
    }
    const plain = (x: Tensor) => tf.logSoftmax(x);
    expect((await agreement(plain, normal(4, 7))).difference).toBeLessThan(2e-6);
  });

  it.each(['sum', 'mean', 'max', 'min'] as const)('gradient of %s', async (name) => {
    for (const axes of [[0], [1, 2], [0, 2], undefined]) {
      const loss = valueAndGrad(({ x }: Params) => tf.sum(tf.square(reducers[name](x!, axes))));
      expect((await agreement(loss, { x: normal(3, 4, 5) })).difference).toBeLessThan(5e-6);
    }
  });
});
