import { elu, mul, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import {
  averagePool,
  conv2d,
  downsampleMean,
  maxPool,
  resizeBilinear,
  valueAndGrad,
} from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';

const operations: [string, (x: Tensor) => Tensor, readonly [number, number]][] = [
  ['averagePool 3', (x) => averagePool(x, 3), [6, 4]],
  ['averagePool 5', (x) => averagePool(x, 5), [6, 4]],
  ['maxPool 3', (x) => maxPool(x, 3), [6, 4]],
  ['maxPool 5', (x) => maxPool(x, 5), [6, 4]],
  ['downsampleMean', (x) => downsampleMean(x, 2), [3, 2]],
  ['resizeBilinear to more', (x) => resizeBilinear(x, [11, 7]), [11, 7]],
  ['resizeBilinear to less', (x) => resizeBilinear(x, [3, 1]), [3, 1]],
];

describe.each(operations)('%s', (_name, operation, size) => {
  it('with its gradients', async () => {
    expect((await agreement(operation, normal(2, 6, 4, 3))).difference).toBeLessThan(1e-6);
    const inner = valueAndGrad(({ x, w }: Params) => sum(square(mul(operation(x!), w!))));
    const params = { x: normal(2, 6, 4, 3), w: normal(2, ...size, 3) };
    expect((await agreement(inner, params)).difference).toBeLessThan(5e-6);
    const outer = valueAndGrad((p: Params) => sum(square(inner(p).grads.x!)));
    expect((await agreement(outer, params)).difference).toBeLessThan(1e-5);
  });

  it.each([4, 16])('between convolutions of %i channels', async (channels) => {
    const loss = valueAndGrad(({ x, w }: Params) => {
      const h = conv2d(x!, w!, undefined, { padding: 2, dilation: 2 });
      return sum(square(conv2d(operation(elu(h)), w!, undefined, { padding: 1 })));
    });
    const params = {
      x: normal(2, 6, 4, channels),
      w: mul(normal(channels, channels, 3, 3), 0.2),
    };
    expect((await agreement(loss, params)).difference).toBeLessThan(1e-5);
    const slope = valueAndGrad((p: Params) => sum(square(loss(p).grads.x!)));
    expect((await agreement(slope, params)).difference).toBeLessThan(5e-5);
  });
});
