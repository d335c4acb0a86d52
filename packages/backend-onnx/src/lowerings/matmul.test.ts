import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';
import { onnxBackend } from '../backend.js';

const flags = [true, false].flatMap((a) => [true, false].map((b) => [a, b] as const));
const ranks: [string, number[], number[]][] = [
  ['matrices', [], []],
  ['batches', [3], [3]],
  ['one batch', [1], [1]],
  ['a matrix to each of a batch', [4], [1]],
];
const matrix = (batch: number[], rows: number, columns: number, transposed: boolean) =>
  transposed ? normal(...batch, columns, rows) : normal(...batch, rows, columns);

describe('matMul', () => {
  it.each(ranks)('%s, transposed or not', async (_name, left, right) => {
    for (const [ta, tb] of flags) {
      const run = (a: Tensor, b: Tensor) => tf.matMul(a, b, ta, tb);
      const result = await agreement(run, matrix(left, 4, 5, ta), matrix(right, 5, 3, tb));
      expect(result.difference).toBeLessThan(2e-6);
    }
  });

  it.each(ranks)('gradients of %s, to second order', async (_name, left, right) => {
    for (const [ta, tb] of flags) {
      const first = valueAndGrad(({ a, b }: Params) =>
        tf.sum(tf.square(tf.matMul(a!, b!, ta, tb))),
      );
      const second = valueAndGrad((p: Params) => tf.sum(tf.square(first(p).grads.a!)));
      const params = { a: matrix(left, 4, 5, ta), b: matrix(right, 5, 3, tb) };
      const both = (p: Params) => [first(p), second(p)];
      expect((await agreement(both, params)).difference).toBeLessThan(1e-5);
    }
  });

  it('batches that broadcast both ways, which tfjs itself gets wrong', async () => {
    const run = (a: Tensor, b: Tensor) => ({
      broadcast: tf.matMul(a, b, false, true),
      spelledOut: tf.matMul(tf.tile(a, [1, 3, 1, 1]), tf.tile(b, [2, 1, 1, 1]), false, true),
    });
    const backend = onnxBackend({ threads: 1 });
    const result = await backend.compile(run)(normal(2, 1, 4, 5), normal(1, 3, 6, 5));
    await backend.dispose();
    expect(result.broadcast.shape).toEqual([2, 3, 4, 6]);
    expect(await result.broadcast.data()).toEqual(await result.spelledOut.data());
  });

  it('with a bias: of a row, of a column, of one number, and beside other uses', async () => {
    const run = (a: Tensor, b: Tensor, row: Tensor, column: Tensor) => {
      const product = tf.matMul(a, b);
      return [
        tf.add(product, row),
        tf.add(column, product),
        tf.add(product, 2),
        tf.add(product, tf.sum(tf.matMul(a, a, false, true))),
        tf.add(product, tf.ones([2, 4, 3])),
        product,
      ];
    };
    const result = await agreement(run, normal(4, 5), normal(5, 3), normal(3), normal(4, 1));
    expect(result.difference).toBeLessThan(2e-6);
  });

  it('fused with a bias and an activation', async () => {
    const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const;
    const run = (a: Tensor2D, b: Tensor2D, bias: Tensor) =>
      activations.map((activation) =>
        tf.fused.matMul({ a, b, bias, activation, transposeB: true }),
      );
    expect((await agreement(run, normal(4, 5), normal(3, 5), normal(3))).difference).toBeLessThan(
      2e-6,
    );
  });
});

describe('einsum', () => {
  it.each([
    ['ij,jk->ik', [3, 4], [4, 5]],
    ['bij, bkj -> bik', [2, 3, 4], [2, 5, 4]],
    ['ij,j->i', [3, 4], [4]],
    ['bi,bj->', [3, 4], [3, 5]],
  ])('%s, with its gradient', async (equation, left, right) => {
    const loss = valueAndGrad(({ a, b }: Params) => tf.sum(tf.square(tf.einsum(equation, a!, b!))));
    const both = (p: Params) => [tf.einsum(equation, p.a!, p.b!), loss(p)];
    const result = await agreement(both, { a: normal(...left), b: normal(...right) });
    expect(result.difference).toBeLessThan(1e-5);
  });
});
