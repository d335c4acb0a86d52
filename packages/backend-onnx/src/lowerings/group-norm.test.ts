import { add, mul, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { conv2d, groupNorm, valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';

const shapes: [string, number[], number][] = [
  ['rank 2', [5, 12], 3],
  ['rank 3', [3, 7, 8], 4],
  ['rank 4', [2, 5, 4, 6], 2],
  ['one group', [2, 3, 3, 5], 1],
  ['a group for each channel', [2, 3, 3, 5], 5],
  ['blocks of 16', [2, 5, 4, 48], 8],
];
const activations = ['none', 'silu'] as const;
const table = shapes.flatMap(([name, shape, groups]) =>
  activations.map((activation) => ({ name, shape, groups, activation })),
);
const paramsOf = (shape: number[]) => {
  const channels = shape.at(-1)!;
  return {
    x: add(mul(normal(...shape), 2), 0.5),
    scale: normal(channels),
    offset: normal(channels),
    weights: normal(...shape),
  };
};

describe('groupNorm', () => {
  it.each(table)('$name, $activation', async ({ shape, groups, activation }) => {
    const { x, scale, offset } = paramsOf(shape);
    const run = (t: Tensor, s: Tensor, o: Tensor) => groupNorm(t, s, o, { groups, activation });
    expect((await agreement(run, x, scale, offset)).difference).toBeLessThan(5e-6);
  });

  it.each(table)('first gradients: $name, $activation', async ({ shape, groups, activation }) => {
    const loss = valueAndGrad(({ x, scale, offset, weights }: Params) =>
      sum(mul(groupNorm(x!, scale!, offset!, { groups, activation }), weights!)),
    );
    expect((await agreement(loss, paramsOf(shape))).difference).toBeLessThan(2e-5);
  });

  it.each(table)('second gradients: $name, $activation', async ({ shape, groups, activation }) => {
    const inner = valueAndGrad(({ x, scale, offset, weights }: Params) =>
      sum(mul(groupNorm(x!, scale!, offset!, { groups, activation }), weights!)),
    );
    const loss = valueAndGrad((params: Params) => sum(square(inner(params).grads.x!)));
    expect((await agreement(loss, paramsOf(shape))).difference).toBeLessThan(1e-4);
  });

  it.each(shapes)('scales of each item: %s', async (_name, shape, groups) => {
    const factors = [shape[0]!, shape.at(-1)!];
    const params = { ...paramsOf(shape), scale: normal(...factors), offset: normal(...factors) };
    const inner = valueAndGrad(({ x, scale, offset, weights }: Params) =>
      sum(mul(groupNorm(x!, scale!, offset!, { groups }), weights!)),
    );
    expect((await agreement(inner, params)).difference).toBeLessThan(2e-5);
    const outer = valueAndGrad((p: Params) => sum(square(inner(p).grads.x!)));
    expect((await agreement(outer, params)).difference).toBeLessThan(1e-4);
  });

  it.each(shapes)('a shift of each item: %s', async (_name, shape, groups) => {
    const params = { ...paramsOf(shape), shift: normal(shape[0]!, shape.at(-1)!) };
    const options = { groups, activation: 'silu' } as const;
    const inner = valueAndGrad(({ x, scale, offset, shift, weights }: Params) =>
      sum(mul(groupNorm(x!, scale!, offset!, { ...options, shift: shift! }), weights!)),
    );
    expect((await agreement(inner, params)).difference).toBeLessThan(2e-5);
    const outer = valueAndGrad((p: Params) => sum(square(inner(p).grads.shift!)));
    expect((await agreement(outer, params)).difference).toBeLessThan(1e-4);
  });

  it('keeps four digits where the mean is thirty deviations', async () => {
    const run = (x: Tensor, s: Tensor, o: Tensor) => groupNorm(x, s, o, { groups: 2 });
    const result = await agreement(run, add(normal(2, 6, 6, 32), 30), normal(32), normal(32));
    expect(result.difference).toBeLessThan(1e-3);
  });

  it.each([4, 32])('keeps the layout of %i channels between convolutions', async (channels) => {
    const block = valueAndGrad(({ x, w, v, scale, offset }: Params) => {
      const h = conv2d(x!, w!, undefined, { padding: 1 });
      const g = groupNorm(h, scale!, offset!, { groups: 2, activation: 'silu' });
      return sum(square(add(conv2d(g, v!, undefined, { padding: 1 }), h)));
    });
    const params = {
      x: normal(2, 6, 5, 3),
      w: normal(channels, 3, 3, 3),
      v: normal(channels, channels, 3, 3),
      scale: normal(channels),
      offset: normal(channels),
    };
    expect((await agreement(block, params)).difference).toBeLessThan(2e-5);
  });
});
