import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { conv2d } from '@tweedie/autodiff';
import { describe, expect, it } from 'vitest';
import { agreement, normal, uniform } from '../agreement.testing.js';
import { differenceToSecondOrder } from './derivatives.testing.js';

const norm = (x: Tensor, ...[mean, variance, offset, scale]: (Tensor | undefined)[]) =>
  tf.batchNorm(
    x,
    mean as Tensor1D,
    variance as Tensor1D,
    offset as Tensor1D,
    scale as Tensor1D,
    0.01,
  );

describe('batchNorm', () => {
  it.each([[[4, 3]], [[2, 3, 2, 3]]])('of shape [%s]', async (shape) => {
    const run = (x: Tensor, ...rest: Tensor[]) => norm(x, ...rest);
    const inputs = [normal(...shape), normal(3), uniform(0.5, 2, 3), normal(3), normal(3)];
    expect(await differenceToSecondOrder(run, ...inputs)).toBeLessThan(1e-5);
  });

  it('without scale or offset', async () => {
    const run = (x: Tensor, mean: Tensor, variance: Tensor, more: Tensor) => [
      norm(x, mean, variance),
      norm(x, mean, variance, more),
      norm(x, mean, variance, undefined, more),
    ];
    const inputs = [normal(4, 3), normal(3), uniform(0.5, 2, 3), normal(3)];
    expect((await agreement(run, ...inputs)).difference).toBeLessThan(1e-5);
  });

  it.each([4, 16])(
    'with the moments of the batch, behind a convolution of %i channels',
    async (c) => {
      const run = (x: Tensor, w: Tensor, offset: Tensor, scale: Tensor) => {
        const h = conv2d(x, w, undefined, { padding: 1 });
        const { mean, variance } = tf.moments(h, [0, 1, 2]);
        return norm(h, mean, variance, offset, scale);
      };
      const inputs = [normal(2, 4, 4, c), normal(c, c, 3, 3), normal(c), normal(c)];
      expect((await agreement(run, ...inputs)).difference).toBeLessThan(1e-5);
    },
  );
});

describe('localResponseNormalization', () => {
  it('to second order', async () => {
    const run = (x: Tensor) => tf.localResponseNormalization(x as Tensor4D, 2, 1.5, 0.3, 0.75);
    expect(await differenceToSecondOrder(run, normal(2, 3, 2, 7))).toBeLessThan(1e-5);
  });

  it('its gradient as a kernel of tfjs', async () => {
    const attributes = { depthRadius: 2, bias: 1.5, alpha: 0.3, beta: 0.75 };
    const run = (x: Tensor, dy: Tensor) => {
      const y = tf.engine().runKernel('LRN', { x }, attributes) as Tensor;
      return tf.engine().runKernel('LRNGrad', { x, y, dy }, attributes) as Tensor;
    };
    const result = await agreement(run, normal(1, 2, 2, 6), normal(1, 2, 2, 6));
    expect(result.difference).toBeLessThan(1e-5);
  });
});
