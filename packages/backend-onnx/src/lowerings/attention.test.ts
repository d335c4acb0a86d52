import { add, mul, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { attention, valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';

const table = [
  { name: 'self-attention', items: 3, queries: 7, keys: 7, width: 4, out: 4 },
  { name: 'cross-attention', items: 2, queries: 5, keys: 3, width: 6, out: 2 },
  { name: 'one item', items: 1, queries: 4, keys: 6, width: 3, out: 5 },
];
const paramsOf = ({ items, queries, keys, width, out }: (typeof table)[number]) => ({
  q: normal(items, queries, width),
  k: normal(items, keys, width),
  v: normal(items, keys, out),
  weights: normal(items, queries, out),
});

describe('attention', () => {
  it.each(table)('$name', async (shape) => {
    const { q, k, v } = paramsOf(shape);
    const run = (a: Tensor, b: Tensor, c: Tensor) => attention(a, b, c);
    expect((await agreement(run, q, k, v)).difference).toBeLessThan(2e-6);
  });

  it.each(table)('first gradients: $name', async (shape) => {
    const loss = valueAndGrad(({ q, k, v, weights }: Params) =>
      sum(mul(attention(q!, k!, v!, { scale: 0.7 }), weights!)),
    );
    expect((await agreement(loss, paramsOf(shape))).difference).toBeLessThan(5e-6);
  });

  it.each(table)('second gradients: $name', async (shape) => {
    const inner = valueAndGrad(({ q, k, v, weights }: Params) =>
      sum(mul(attention(q!, k!, v!), weights!)),
    );
    const loss = valueAndGrad((params: Params) => {
      const { q, k, v } = inner(params).grads;
      return add(add(sum(square(q!)), sum(square(k!))), sum(square(v!)));
    });
    expect((await agreement(loss, paramsOf(shape))).difference).toBeLessThan(2e-5);
  });
});
