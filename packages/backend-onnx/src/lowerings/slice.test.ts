import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { createParameterLayout, valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, normal, whole } from '../agreement.testing.js';

const slices = fc
  .array(
    fc.integer({ min: 1, max: 5 }).chain((extent) =>
      fc.record({
        extent: fc.constant(extent),
        begin: fc.nat({ max: extent - 1 }),
        end: fc.integer({ min: 0, max: extent }),
        stride: fc.constantFrom(1, 2, 3),
      }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .filter((axes) => axes.every(({ begin, end }) => end > begin));

describe('slice', () => {
  it('slices and strided slices', async () => {
    await fc.assert(
      fc.asyncProperty(slices, async (axes) => {
        const begin = axes.map((axis) => axis.begin);
        const end = axes.map((axis) => axis.end);
        const size = axes.map((axis, i) => end[i]! - axis.begin);
        const strides = axes.map((axis) => axis.stride);
        const run = (x: Tensor) => [
          tf.slice(x, begin, size),
          tf.stridedSlice(x, begin, end, strides),
        ];
        const x = normal(...axes.map((axis) => axis.extent));
        expect((await agreement(run, x)).difference).toBe(0);
      }),
      { numRuns: 25, seed: 1 },
    );
  });
  it('strided slices backwards, with masks and with no elements', async () => {
    const run = (x: Tensor) => [
      tf.stridedSlice(x, [3, 4], [0, 0], [-1, -2]),
      tf.stridedSlice(x, [0, 0], [0, 0], [1, 1], 3, 3),
      tf.stridedSlice(x, [1, 1], [2, 3], [1, 1], 0, 0, 0, 0, 1),
      tf.stridedSlice(x, [2, 1], [2, 3], [1, 1]),
      tf.slice(x, [1, 0], [0, 5]),
    ];
    const result = await agreement(run, normal(4, 5));
    expect(result.difference).toBe(0);
    expect(result.shapes).toEqual([[3, 2], [4, 5], [2], [0, 2], [0, 5]]);
  });
  it('reverses along any axes', async () => {
    const run = (x: Tensor) =>
      [[0], [1], [2], [0, 2], [0, 1, 2]].map((axes) => tf.reverse(x, axes));
    expect((await agreement(run, normal(3, 1, 4))).difference).toBe(0);
  });
  it('slices, joins, pads and reverses whole numbers', async () => {
    const run = (x: Tensor) => [
      tf.slice(x, [1, 0], [2, 2]),
      tf.concat([x, x], 0),
      tf.pad(x, [[1, 0], [0, 2]], 7), // biome-ignore format: pairs
      tf.reverse(x, 0),
    ];
    expect((await agreement(run, whole(0, 9, 3, 4))).difference).toBe(0);
  });
  it('has gradients, with padding, splits and joins', async () => {
    const loss = valueAndGrad(({ x }: Params) => {
      const [a, b] = tf.split(x!, [1, 3], 1) as [Tensor, Tensor];
      const joined = tf.concat([tf.slice(b, [0, 1], [3, 2]), tf.reverse(a, 0), b], 1);
      const padded = tf.pad(joined, [[1, 0], [0, 1]]); // biome-ignore format: pairs
      return tf.sum(tf.pow(tf.stack(tf.unstack(padded, 0), 1), 3));
    });
    expect((await agreement(loss, { x: normal(3, 4) })).difference).toBeLessThan(5e-6);
  });
  it('differentiates through slices of one flat vector', async () => {
    const layout = createParameterLayout({
      w: { shape: [4, 3] },
      unused: { shape: [2] },
      b: { shape: [4] },
    });
    const loss = valueAndGrad(({ flat }: Params) => {
      const { w, b } = layout.unpack(flat!);
      return tf.sum(tf.square(tf.add(tf.matMul(tf.ones([5, 3]), w!, false, true), b!)));
    });
    const result = await agreement(loss, { flat: normal(layout.size) });
    expect(result.shapes).toEqual([[layout.size], []]);
    expect(result.difference).toBeLessThan(2e-6);
  });
});
