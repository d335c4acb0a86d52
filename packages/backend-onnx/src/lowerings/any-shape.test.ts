import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, normal, uniform } from '../agreement.testing.js';
import { onnxBackend } from '../backend.js';
import { differenceToSecondOrder } from './derivatives.testing.js';

// The families of operations over shapes by chance, axes of extent 0 among them.

const extent = fc.integer({ min: 0, max: 3 });
const some = fc.integer({ min: 1, max: 4 });
const shapes = fc.array(extent, { maxLength: 4 });
const check = (numRuns: number) => ({ numRuns, seed: 7 });

/** A shape, and one that broadcasts with it. Of 0 beside 1 tfjs makes now 0 and now 1. */
const broadcasting = shapes.chain((shape) =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.nat({ max: shape.length }),
    )
    .map(([ones, dropped]) => ({
      shape,
      other: shape.includes(0)
        ? shape
        : shape.map((full, axis) => (ones[axis] ? 1 : full)).slice(dropped),
    })),
);

/** A shape, and some of its axes. */
const withAxes = fc
  .array(extent, { minLength: 1, maxLength: 4 })
  .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, axis) => axis))));

describe('operations over any shapes', () => {
  it('element by element', async () => {
    await fc.assert(
      fc.asyncProperty(broadcasting, fc.boolean(), async ({ shape, other }, swap) => {
        const run = (x: Tensor, y: Tensor) => {
          const [a, b] = swap ? [y, x] : [x, y];
          const truth = tf.greater(a, b);
          return [
            tf.add(a, b),
            tf.mul(a, tf.sigmoid(b)),
            tf.div(a, b),
            tf.pow(a, b),
            tf.maximum(a, b),
            tf.squaredDifference(a, b),
            tf.logicalXor(truth, tf.less(a, 1)),
            tf.where(truth, a, tf.broadcastTo(tf.add(b, tf.zerosLike(a)), truth.shape)),
          ];
        };
        const inputs = [uniform(0.5, 2, ...shape), uniform(0.5, 2, ...other)];
        expect((await agreement(run, ...inputs)).difference).toBeLessThan(1e-5);
      }),
      check(25),
    );
  });

  it('with derivatives', async () => {
    await fc.assert(
      fc.asyncProperty(broadcasting, async ({ shape, other }) => {
        const run = (a: Tensor, b: Tensor) => tf.mul(tf.tanh(a), tf.div(a, tf.exp(b)));
        const difference = await differenceToSecondOrder(run, normal(...shape), normal(...other));
        expect(difference).toBeLessThan(1e-5);
      }),
      check(12),
    );
  });

  it('reduced', async () => {
    await fc.assert(
      fc.asyncProperty(withAxes, fc.boolean(), async ([shape, axes], keepDims) => {
        const isEmpty = shape.includes(0);
        const run = (x: Tensor) => [
          tf.sum(x, axes, keepDims),
          tf.prod(x, axes, keepDims),
          tf.any(tf.greater(x, 0), axes, keepDims),
          // Nothing has no mean and no greatest, and tfjs says that not all of it is true.
          ...(isEmpty
            ? []
            : [
                tf.all(tf.greater(x, 0), axes, keepDims),
                tf.mean(x, axes, keepDims),
                tf.max(x, axes, keepDims),
                tf.min(x, axes, keepDims),
                tf.logSumExp(x, axes, keepDims),
                tf.argMax(x, axes[0] ?? 0),
              ]),
          tf.cumsum(x, axes[0] ?? 0),
          tf.cumprod(x, axes[0] ?? 0),
        ];
        expect((await agreement(run, normal(...shape))).difference).toBeLessThan(1e-5);
      }),
      check(25),
    );
  });

  it('multiplied as matrices', async () => {
    const sizes = fc.record({
      batch: some,
      rows: extent,
      inner: extent,
      columns: extent,
      left: fc.boolean(),
      right: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ batch, rows, inner, columns, left, right }) => {
        const a = normal(batch, ...(left ? [inner, rows] : [rows, inner]));
        const b = normal(1, ...(right ? [columns, inner] : [inner, columns]));
        const run = (x: Tensor, y: Tensor) => tf.matMul(x, y, left, right);
        expect((await agreement(run, a, b)).difference).toBeLessThan(1e-5);
        const flat = (x: Tensor, y: Tensor) =>
          tf.matMul(
            tf.reshape(x, [batch * x.shape[1]!, x.shape[2]!]),
            tf.squeeze(y, [0]),
            false,
            right,
          );
        if (!left) expect((await agreement(flat, a, b)).difference).toBeLessThan(1e-5);
      }),
      check(20),
    );
  });

  it('rearranged', async () => {
    const cases = withAxes.chain(([shape, axes]) =>
      fc.record({
        shape: fc.constant(shape),
        axes: fc.constant(axes),
        order: fc.shuffledSubarray(
          shape.map((_, axis) => axis),
          { minLength: shape.length },
        ),
        repeats: fc.array(some, { minLength: shape.length, maxLength: shape.length }),
        frame: fc.array(fc.tuple(extent, extent), {
          minLength: shape.length,
          maxLength: shape.length,
        }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, axes, order, repeats, frame }) => {
        const axis = axes[0] ?? 0;
        const run = (x: Tensor) => [
          tf.transpose(x, order),
          tf.reshape(tf.transpose(x, order), [x.size]),
          tf.reverse(x, axes),
          tf.tile(x, repeats),
          tf.pad(x, frame, 0.5),
          tf.concat([x, x], axis),
          tf.stack([x, tf.neg(x)], axis),
          tf.expandDims(x, axis),
          tf.slice(
            x,
            shape.map((full) => Math.min(1, full)),
            shape.map((full) => Math.max(0, full - 1)),
          ),
          ...tf.split(x, [shape[axis]!, 0], axis),
        ];
        expect((await agreement(run, normal(...shape))).difference).toBe(0);
      }),
      check(25),
    );
  });

  it('convolved and pooled', async () => {
    const geometry = fc.record({
      items: extent,
      size: fc.integer({ min: 3, max: 6 }),
      inputs: extent,
      outputs: extent,
      filter: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      pad: fc.constantFrom('same' as const, 'valid' as const),
    });
    await fc.assert(
      fc.asyncProperty(geometry, async ({ items, size, inputs, outputs, filter, stride, pad }) => {
        const run = (x: Tensor, w: Tensor) => [
          tf.conv2d(x as Tensor4D, w as Tensor4D, stride, pad),
          tf.maxPool(x as Tensor4D, filter, stride, pad),
          tf.avgPool(x as Tensor4D, filter, stride, pad),
        ];
        const x = normal(items, size, size + 1, inputs);
        const w = normal(filter, filter, inputs, outputs);
        expect((await agreement(run, x, w)).difference).toBeLessThan(1e-5);
      }),
      check(20),
    );
  });
});

describe("what tfjs's cpu backend gets wrong", () => {
  const backend = onnxBackend({ threads: 1 });
  const numbers = async (fn: (x: Tensor) => Tensor, x: Tensor) =>
    Array.from(await (await backend.compile(fn)(x)).data());

  it('a slice with strides that drops an axis', async () => {
    const x = tf.reshape(tf.range(0, 12), [3, 4]);
    const row = (t: Tensor) => tf.stridedSlice(t, [1, 0], [2, 4], [1, 2], 0, 0, 0, 0, 1);
    expect(await numbers(row, x)).toEqual([4, 6]);
  });

  it('all of nothing is true', async () => {
    expect(await numbers((t) => tf.all(tf.greater(t, 0)), tf.tensor1d([]))).toEqual([1]);
  });

  it('an update that leaves its input as it was', async () => {
    const run = (t: Tensor) => tf.add(tf.tensorScatterUpdate(t, [[1]], [9]), tf.mul(t, 100));
    expect(await numbers(run, tf.tensor1d([1, 2, 3]))).toEqual([101, 209, 303]);
  });
});
