import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';
import { differenceToSecondOrder } from './derivatives.testing.js';

describe('depthwise convolution', () => {
  it('with any strides, paddings and dilations', async () => {
    const geometry = fc.record({
      high: fc.integer({ min: 1, max: 3 }),
      wide: fc.integer({ min: 1, max: 3 }),
      multiplier: fc.integer({ min: 1, max: 2 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      pad: fc.constantFrom('same' as const, 'valid' as const),
    });
    await fc.assert(
      fc.asyncProperty(geometry, async ({ high, wide, multiplier, stride, dilation, pad }) => {
        // tfjs allows one or the other.
        fc.pre(stride === 1 || dilation === 1);
        const run = (x: Tensor, w: Tensor) =>
          tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, stride, pad, 'NHWC', dilation);
        const filter = tf.mul(normal(high, wide, 3, multiplier), 0.5);
        expect(await differenceToSecondOrder(run, normal(2, 6, 5, 3), filter)).toBeLessThan(1e-5);
      }),
      { numRuns: 8, seed: 2 },
    );
  });

  it('fused with a bias and an activation', async () => {
    const run = (x: Tensor4D, filter: Tensor4D, bias: Tensor) =>
      tf.fused.depthwiseConv2d({
        x,
        filter,
        strides: 1,
        pad: 'same',
        bias: bias as tf.Tensor1D,
        activation: 'relu6',
      });
    const result = await agreement(run, normal(2, 4, 4, 3), normal(3, 3, 3, 2), normal(6));
    expect(result.difference).toBeLessThan(3e-6);
  });

  it('with the dilations null of a depthwise convolution', async () => {
    const run = (x: Tensor, w: Tensor) =>
      tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, 1, 'same', 'NHWC', null as never);
    const difference = await differenceToSecondOrder(
      run,
      normal(1, 4, 5, 2),
      tf.mul(normal(3, 3, 2, 2), 0.3),
    );
    expect(difference).toBeLessThan(1e-5);
  });

  it('separable convolution', async () => {
    const run = (x: Tensor, depth: Tensor, point: Tensor) =>
      tf.separableConv2d(x as Tensor4D, depth as Tensor4D, point as Tensor4D, 1, 'same');
    const difference = await differenceToSecondOrder(
      run,
      normal(1, 4, 5, 2),
      tf.mul(normal(3, 3, 2, 2), 0.3),
      tf.mul(normal(1, 1, 4, 3), 0.3),
    );
    expect(difference).toBeLessThan(1e-5);
  });
});

describe('convolution in three dimensions', () => {
  it.each([
    [1, 'same', 1],
    [2, 'same', 1],
    [2, 'valid', 1],
    [1, 'valid', 2],
  ] as const)('stride %i, %s, dilation %i', async (stride, pad, dilation) => {
    const run = (x: Tensor, w: Tensor) =>
      tf.conv3d(x as Tensor5D, w as Tensor5D, stride, pad, 'NDHWC', dilation);
    const filter = tf.mul(normal(2, 2, 2, 2, 3), 0.3);
    expect(await differenceToSecondOrder(run, normal(1, 3, 4, 4, 2), filter)).toBeLessThan(1e-5);
  });

  it('transposed', async () => {
    const run = (x: Tensor, w: Tensor) =>
      tf.conv3dTranspose(x as Tensor5D, w as Tensor5D, [1, 4, 4, 4, 2], 2, 'same');
    const filter = tf.mul(normal(2, 3, 2, 2, 3), 0.3);
    expect(await differenceToSecondOrder(run, normal(1, 2, 2, 2, 3), filter)).toBeLessThan(1e-5);
  });
});
