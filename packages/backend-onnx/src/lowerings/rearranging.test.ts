import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { agreement, coins, normal, whole } from '../agreement.testing.js';
import { differenceToSecondOrder } from './derivatives.testing.js';

const operations: [string, (x: Tensor) => Tensor, number[]][] = [
  [
    'spaceToBatchND',
    (x) =>
      tf.spaceToBatchND(x, [2, 3], [
        [1, 0],
        [0, 2],
      ] as never),
    [2, 3, 4, 2],
  ],
  [
    'batchToSpaceND',
    (x) =>
      tf.batchToSpaceND(x, [2, 2], [
        [0, 1],
        [1, 0],
      ] as never),
    [8, 2, 3, 2],
  ],
  ['depthToSpace', (x) => tf.depthToSpace(x as Tensor4D, 2), [2, 2, 3, 8]],
  [
    'mirrorPad',
    (x) =>
      tf.mirrorPad(
        x,
        [
          [2, 1],
          [0, 2],
        ] as never,
        'reflect',
      ),
    [3, 4],
  ],
  [
    'mirrorPad, symmetric',
    (x) =>
      tf.mirrorPad(
        x,
        [
          [2, 3],
          [1, 0],
        ] as never,
        'symmetric',
      ),
    [3, 4],
  ],
  ['stridedSlice', (x) => tf.stridedSlice(x, [5, 0], [0, 5], [-2, 3]), [7, 5]],
  ['diag', (x) => tf.diag(x), [2, 3]],
  ['cumprod', (x) => tf.cumprod(x, 1), [2, 5]],
  ['cumprod, exclusive and reversed', (x) => tf.cumprod(x, 0, true, true), [4, 2]],
  ['pool with dilation', (x) => tf.pool(x as Tensor4D, 2, 'max', 'same', 2), [1, 5, 6, 2]],
];

describe('rearrangements and running products', () => {
  it.each(operations)('%s', async (_name, operation, shape) => {
    expect(await differenceToSecondOrder(operation, normal(...shape))).toBeLessThan(1e-5);
  });

  it('of whole numbers and truth values', async () => {
    const run = (x: Tensor, b: Tensor) => [tf.diag(x), tf.diag(b), tf.cumprod(x, 0)];
    expect((await agreement(run, whole(1, 4, 5), coins(3))).difference).toBe(0);
  });

  it('the shape that two shapes broadcast to', async () => {
    const run = (a: Tensor, b: Tensor) => tf.broadcastArgs(a, b);
    const shapes = (a: number[], b: number[]) => [tf.tensor1d(a, 'int32'), tf.tensor1d(b, 'int32')];
    expect((await agreement(run, ...shapes([3, 1, 4], [5, 1]))).difference).toBe(0);
    expect((await agreement(run, ...shapes([1], [2, 3, 1]))).difference).toBe(0);
  });

  it('bits that two numbers share', async () => {
    const run = (a: Tensor, b: Tensor) => tf.engine().runKernel('BitwiseAnd', { a, b }) as Tensor;
    expect((await agreement(run, whole(0, 99, 7), whole(0, 99, 7))).difference).toBe(0);
  });

  it("the slope of ELU from its output, tfjs's own kernel", async () => {
    const run = (dy: Tensor, y: Tensor) => tf.engine().runKernel('EluGrad', { dy, y }) as Tensor;
    expect((await agreement(run, normal(9), tf.elu(normal(9)))).difference).toBeLessThan(1e-6);
  });
});
