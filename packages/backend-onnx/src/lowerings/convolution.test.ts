import { add, mean, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { type Conv2dOptions, conv2d, valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';

interface Case {
  readonly x: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly options: Conv2dOptions;
}

const cases: Record<string, Case> = {
  '3 × 3, same': { x: [2, 5, 6, 3], filter: [4, 3, 3, 3], options: { padding: 'same' } },
  '1 × 1': { x: [2, 4, 3, 5], filter: [7, 5, 1, 1], options: {} },
  'even filter, same': { x: [1, 5, 5, 2], filter: [3, 2, 2, 4], options: { padding: 'same' } },
  'stride 2': { x: [2, 7, 8, 3], filter: [4, 3, 3, 3], options: { stride: 2, padding: 1 } },
  'stride 2, one-sided padding': {
    x: [2, 6, 6, 3],
    filter: [4, 3, 3, 3],
    options: { stride: 2, padding: [0, 1, 0, 1] },
  },
  'stride 3, pixels left over': { x: [1, 9, 11, 2], filter: [2, 2, 2, 3], options: { stride: 3 } },
  dilation: { x: [1, 8, 9, 3], filter: [2, 3, 3, 2], options: { dilation: 2, padding: 'same' } },
  'padding wider than the filter': {
    x: [1, 3, 4, 2],
    filter: [3, 2, 2, 2],
    options: { padding: 3 },
  },
  'one channel in': { x: [2, 6, 6, 1], filter: [32, 1, 3, 3], options: { padding: 1 } },
  'one channel out': { x: [2, 6, 6, 32], filter: [1, 32, 3, 3], options: { padding: 1 } },
  // Multiples of the block size of every processor: blocked convolutions.
  'in blocks': { x: [16, 5, 5, 32], filter: [48, 32, 3, 3], options: { padding: 1 } },
  'in blocks, bands of rows': {
    x: [16, 32, 34, 16],
    filter: [16, 16, 3, 3],
    options: { padding: 1 },
  },
  'in blocks, fewer items': { x: [3, 5, 4, 16], filter: [32, 16, 3, 3], options: { padding: 1 } },
  'in blocks, 1 × 1': { x: [16, 5, 4, 32], filter: [16, 32, 1, 1], options: {} },
  'in blocks, even filter': {
    x: [16, 5, 4, 16],
    filter: [16, 16, 2, 4],
    options: { padding: 'same' },
  },
  'in blocks, stride 2': {
    x: [16, 6, 6, 16],
    filter: [32, 16, 3, 3],
    options: { stride: 2, padding: 1 },
  },
  'in blocks, dilation': {
    x: [16, 6, 6, 16],
    filter: [16, 16, 3, 3],
    options: { dilation: 2, padding: 2 },
  },
  'in blocks, padding wider than the filter': {
    x: [16, 3, 3, 16],
    filter: [16, 16, 2, 2],
    options: { padding: 3 },
  },
  'from most of a block to blocks': {
    x: [16, 4, 4, 7],
    filter: [32, 7, 3, 3],
    options: { padding: 1 },
  },
  'from planes to blocks': { x: [16, 6, 6, 3], filter: [32, 3, 3, 3], options: { padding: 1 } },
  'from blocks to three channels': {
    x: [16, 6, 6, 32],
    filter: [3, 32, 3, 3],
    options: { padding: 1 },
  },
};

describe('conv2d', () => {
  it.each(Object.entries(cases))('%s', async (_name, { x, filter, options }) => {
    const run = (a: Tensor, w: Tensor, b: Tensor) => conv2d(a, w, b, options);
    const result = await agreement(run, normal(...x), normal(...filter), normal(filter[0]));
    expect(result.difference).toBeLessThan(4e-6);
  });

  it.each(Object.entries(cases))('first gradients: %s', async (_name, { x, filter, options }) => {
    const loss = valueAndGrad(({ a, w, b }: Params) => mean(square(conv2d(a!, w!, b!, options))));
    const params = { a: normal(...x), w: normal(...filter), b: normal(filter[0]) };
    expect((await agreement(loss, params)).difference).toBeLessThan(5e-6);
  });

  it.each(Object.entries(cases))('second gradients: %s', async (_name, { x, filter, options }) => {
    const inner = valueAndGrad(({ a, w }: Params) =>
      mean(square(conv2d(a!, w!, undefined, options))),
    );
    const loss = valueAndGrad((params: Params) => {
      const { a, w } = inner(params).grads;
      return add(sum(square(a!)), sum(square(w!)));
    });
    expect(
      (await agreement(loss, { a: normal(...x), w: normal(...filter) })).difference,
    ).toBeLessThan(1e-5);
  });
});
