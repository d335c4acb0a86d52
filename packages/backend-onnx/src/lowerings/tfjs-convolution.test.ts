import * as tf from '@tensorflow/tfjs-core';
import { engine, type Tensor, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { agreement, normal } from '../agreement.testing.js';

type Options = [
  stride: number,
  pad: Parameters<typeof tf.conv2d>[3],
  dilation: number,
  rounding: 'floor' | 'ceil' | undefined,
];
const table: Options[] = [
  [1, 'same', 1, undefined],
  [2, 'same', 1, undefined],
  [1, 'valid', 1, undefined],
  [1, 'same', 2, undefined],
  [2, 1, 1, 'floor'],
  [2, 1, 1, 'ceil'],
  [
    1,
    [
      [0, 0],
      [2, 0],
      [1, 2],
      [0, 0],
    ],
    1,
    undefined,
  ],
];

describe('conv2d of tfjs', () => {
  it.each(table)('stride %i, pad %j, dilation %i, %s', async (stride, pad, dilation, rounding) => {
    const run = (x: Tensor, w: Tensor) =>
      tf.conv2d(x as Tensor4D, w as Tensor4D, stride, pad, 'NHWC', dilation, rounding);
    const gradient = valueAndGrad(({ x, w }: Params) => tf.sum(tf.square(run(x!, w!))));
    const both = (x: Tensor, w: Tensor) => [run(x, w), gradient({ x, w })];
    const result = await agreement(both, normal(2, 7, 6, 3), normal(3, 3, 3, 4));
    expect(result.difference).toBeLessThan(5e-6);
  });

  it('of one image, with a filter that is no square', async () => {
    const run = (x: Tensor3D, w: Tensor4D) => tf.conv2d(x, w, 1, 'same');
    expect((await agreement(run, normal(5, 6, 3), normal(3, 2, 3, 4))).difference).toBeLessThan(
      3e-6,
    );
  });

  it.each([1, 2])('conv2dTranspose, stride %i, with its gradient', async (stride) => {
    const run = (x: Tensor, w: Tensor) =>
      tf.conv2dTranspose(
        x as Tensor4D,
        w as Tensor4D,
        [2, 6 * stride, 5 * stride, 3],
        stride,
        'same',
      );
    const gradient = valueAndGrad(({ x, w }: Params) => tf.sum(tf.square(run(x!, w!))));
    const both = (x: Tensor, w: Tensor) => [run(x, w), gradient({ x, w })];
    const result = await agreement(both, normal(2, 6, 5, 4), normal(3, 3, 3, 4));
    expect(result.difference).toBeLessThan(5e-6);
  });

  it('the gradient of the filter as a kernel', async () => {
    const attributes = { strides: 2, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 3, 4] };
    const run = (x: Tensor, dy: Tensor) =>
      engine().runKernel('Conv2DBackpropFilter', { x, dy }, attributes) as Tensor;
    const result = await agreement(run, normal(2, 7, 6, 3), normal(2, 4, 3, 4));
    expect(result.difference).toBeLessThan(3e-6);
  });

  it.each(['same', 'valid'] as const)('channels first, %s', async (pad) => {
    const run = (x: Tensor4D, w: Tensor4D) => tf.conv2d(x, w, 2, pad, 'NCHW');
    const result = await agreement(run, normal(2, 3, 7, 6), normal(3, 3, 3, 4));
    expect(result.difference).toBeLessThan(3e-6);
  });

  it('channels first, explicit padding', async () => {
    const frame: [number, number][] = [
      [0, 0],
      [0, 0],
      [0, 1],
      [2, 1],
    ];
    const run = (x: Tensor4D, w: Tensor4D) =>
      tf.conv2d(x, w, 1, frame as never, 'NCHW', undefined, 'floor');
    const result = await agreement(run, normal(2, 3, 7, 6), normal(3, 3, 3, 4));
    expect(result.shapes).toEqual([[2, 4, 6, 7]]);
    expect(result.difference).toBeLessThan(3e-6);
  });

  it.each(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const)(
    'fused with a bias and %s',
    async (activation) => {
      const run = (x: Tensor4D, filter: Tensor4D, bias: Tensor, slopes: Tensor) =>
        tf.fused.conv2d({
          x,
          filter,
          strides: 1,
          pad: 'same',
          bias,
          activation,
          leakyreluAlpha: 0.3,
          ...(activation === 'prelu' && { preluActivationWeights: slopes }),
        });
      const result = await agreement(
        run,
        normal(2, 5, 4, 3),
        normal(3, 3, 3, 4),
        normal(4),
        normal(4),
      );
      expect(result.difference).toBeLessThan(3e-6);
    },
  );

  it.each([
    [0, 3, 4],
    [2, 0, 4],
    [2, 3, 0],
  ])('with %i items, %i channels in and %i out', async (items, inputs, outputs) => {
    const run = (x: Tensor4D, w: Tensor4D) => tf.conv2d(x, w, 1, 'same');
    await agreement(run, normal(items, 5, 5, inputs), normal(3, 3, inputs, outputs));
  });
});
