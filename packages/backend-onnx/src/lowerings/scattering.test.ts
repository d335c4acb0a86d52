import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { agreement, normal, whole } from '../agreement.testing.js';
import { differenceToSecondOrder } from './derivatives.testing.js';

const places = (numbers: number[], shape: number[]) => tf.tensor(numbers, shape, 'int32');

describe('gathering and scattering at places', () => {
  it('gatherND', async () => {
    const run = (x: Tensor, at: Tensor) => tf.gatherND(x, at);
    for (const at of [places([0, 2, 1, 0, 2, 3], [3, 2]), places([2, 0, 2, 1], [2, 2, 1])]) {
      const differ = await differenceToSecondOrder((x) => run(x, at), normal(3, 4, 2));
      expect(differ).toBeLessThan(1e-5);
      expect((await agreement(run, normal(3, 4, 2), at)).difference).toBe(0);
    }
  });

  it('scatterND adds what meets', async () => {
    const at = places([1, 3, 1], [3, 1]);
    const run = (x: Tensor) => tf.scatterND(at, x, [5, 2]);
    expect(await differenceToSecondOrder(run, normal(3, 2))).toBeLessThan(1e-5);
    const whole2 = (x: Tensor, where: Tensor) => tf.scatterND(where, x, [5, 2]);
    expect((await agreement(whole2, whole(0, 9, 3, 2), at)).difference).toBe(0);
    // A vector of places stands for a column of them.
    const vector = (x: Tensor) => tf.scatterND(places([1, 3, 1], [3]), x, [5, 2]);
    expect(await differenceToSecondOrder(vector, normal(3, 2))).toBeLessThan(1e-5);
  });

  it('tensorScatterUpdate', async () => {
    const at = places([2, 0], [2, 1]);
    // Of a copy: tfjs's cpu backend writes into the input.
    const run = (x: Tensor, y: Tensor) => tf.tensorScatterUpdate(tf.add(x, 0), at, y);
    expect(await differenceToSecondOrder(run, normal(4, 3), normal(2, 3))).toBeLessThan(1e-5);
  });

  it('sparseToDense', async () => {
    const matrix = places([0, 1, 2, 0], [2, 2]);
    const run = (values: Tensor, background: Tensor) =>
      tf.sparseToDense(matrix, values, [3, 2] as never, background as tf.Scalar);
    const background = tf.scalar(0.5);
    expect(await differenceToSecondOrder(run, normal(2), background)).toBeLessThan(1e-5);
    const one = (value: Tensor) =>
      tf.sparseToDense(places([0, 3], [2]), value, [5] as never, tf.scalar(2));
    expect((await agreement(one, tf.scalar(7))).difference).toBe(0);
  });

  it('gather with batch axes', async () => {
    const at = whole(0, 4, 2, 3);
    for (const axis of [1, 2]) {
      const run = (x: Tensor) => tf.gather(x, at, axis, 1);
      expect(await differenceToSecondOrder(run, normal(2, 4, 4, 3))).toBeLessThan(1e-5);
    }
    const both = (x: Tensor, where: Tensor) => tf.gather(x, where, 2, 2);
    expect((await agreement(both, normal(2, 3, 5, 2), whole(0, 5, 2, 3, 4))).difference).toBe(0);
  });
});

describe('orders and counts', () => {
  it.each([1, 3, 5])('topk %i', async (k) => {
    const both = (x: Tensor) => {
      const { values, indices } = tf.topk(x, k);
      return [values, indices];
    };
    expect((await agreement(both, normal(2, 3, 5))).difference).toBe(0);
    // Of equals the first comes first.
    expect((await agreement(both, whole(0, 3, 4, 6))).difference).toBe(0);
    const values = (x: Tensor) => tf.topk(x, k).values;
    expect(await differenceToSecondOrder(values, normal(2, 5))).toBeLessThan(1e-5);
  });

  it('searchSorted from either side', async () => {
    for (const side of ['left', 'right'] as const) {
      const run = (row: Tensor, values: Tensor) => tf.searchSorted(row, values, side);
      const row = tf.tensor2d([
        [0, 1, 1, 3],
        [2, 2, 4, 9],
      ]);
      const values = tf.tensor2d([
        [1, 0, 5],
        [2, -1, 4],
      ]);
      expect((await agreement(run, row, values)).difference).toBe(0);
    }
  });

  it('bincount and denseBincount', async () => {
    const x = whole(0, 6, 9);
    const matrix = whole(0, 6, 2, 5);
    const plain = (t: Tensor, w: Tensor) => tf.bincount(t as tf.Tensor1D, w as tf.Tensor1D, 5);
    expect((await agreement(plain, x, normal(9))).difference).toBeLessThan(1e-5);
    // As tf.image.threshold calls it, with pixels.
    const kernel = (t: Tensor, w: Tensor) =>
      tf.engine().runKernel('Bincount', { x: t, weights: w }, { size: 5 }) as Tensor;
    const pixels = whole(0, 5, 3, 4, 1);
    expect((await agreement(kernel, pixels, tf.tensor1d([]))).shapes).toEqual([[5]]);
    for (const binary of [false, true]) {
      for (const weights of [normal(2, 5), tf.tensor2d([], [0, 0])]) {
        const dense = (t: Tensor, w: Tensor) =>
          tf.denseBincount(t as Tensor2D, w as Tensor2D, 5, binary);
        expect((await agreement(dense, matrix, weights)).difference).toBeLessThan(1e-5);
      }
    }
  });
});
