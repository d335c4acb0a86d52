import { mul, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { conv2d, upsampleNearest, valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';

describe('upsampleNearest', () => {
  it.each([1, 2, 3])('factor %i, with its gradients', async (factor) => {
    const run = (x: Tensor) => upsampleNearest(x, factor);
    expect((await agreement(run, normal(2, 3, 4, 5))).difference).toBe(0);

    const inner = valueAndGrad(({ x, w }: Params) =>
      sum(square(mul(upsampleNearest(x!, factor), w!))),
    );
    const params = { x: normal(2, 3, 4, 5), w: normal(2, 3 * factor, 4 * factor, 5) };
    expect((await agreement(inner, params)).difference).toBeLessThan(2e-6);
    const outer = valueAndGrad((p: Params) => sum(square(inner(p).grads.x!)));
    expect((await agreement(outer, params)).difference).toBeLessThan(5e-6);
  });

  it.each([4, 16])('between convolutions of %i channels', async (channels) => {
    const loss = valueAndGrad(({ x, w }: Params) => {
      const h = conv2d(x!, w!, undefined, { padding: 1 });
      return sum(square(conv2d(upsampleNearest(h, 2), w!, undefined, { padding: 1 })));
    });
    const params = { x: normal(2, 3, 4, channels), w: normal(channels, channels, 3, 3) };
    expect((await agreement(loss, params)).difference).toBeLessThan(5e-6);
  });
});
