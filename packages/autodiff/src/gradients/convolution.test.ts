import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import fc from 'fast-check';
import { it } from 'vitest';
import {
  describeGradients,
  expectFirstOrder,
  expectSecondOrder,
  type GradientCase,
} from '../finite-differences.testing.js';
import { convolutionGradients } from './convolution.js';

type Conv = typeof tf.conv2d extends (x: infer X, filter: infer F, ...rest: infer R) => unknown
  ? { x: X; filter: F; rest: R }
  : never;

const conv = (image: number[], filter: number[], ...rest: Conv['rest']): GradientCase => ({
  // Squared, so that what flows back depends on the inputs and all three kernels run.
  fn: (x, w) => tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, ...rest)),
  shapes: [image, filter],
});
const pool = (
  image: number[],
  ...[size, strides, padding, rounding]: [
    number | [number, number],
    number,
    'same' | 'valid' | number,
    ('ceil' | 'floor')?,
  ]
): GradientCase => ({
  fn: (x) => tf.square(tf.avgPool(x as tf.Tensor4D, size, strides, padding, rounding)),
  shapes: [image],
});

const cases: Record<string, GradientCase> = {
  'conv2d, same': conv([2, 4, 5, 2], [3, 3, 2, 3], 1, 'same'),
  'conv2d, valid': conv([1, 5, 4, 2], [2, 3, 2, 2], 1, 'valid'),
  'conv2d, stride 2, same': conv([1, 6, 5, 2], [3, 3, 2, 2], 2, 'same'),
  'conv2d, stride 3, pixels left over': conv([1, 6, 7, 1], [2, 2, 1, 2], 3, 'valid'),
  'conv2d, explicit padding': conv(
    [1, 4, 4, 1],
    [3, 2, 1, 2],
    [2, 1],
    [
      [0, 0],
      [0, 2],
      [1, 0],
      [0, 0],
    ],
  ),
  'conv2d, rounding up': conv([1, 6, 6, 1], [3, 3, 1, 1], 2, 0, 'NHWC', 1, 'ceil'),
  'conv2d, dilated': conv([1, 7, 6, 2], [3, 2, 2, 1], 1, 'same', 'NHWC', [2, 3]),
  'conv2d, 1×1': conv([2, 2, 3, 4], [1, 1, 4, 3], 1, 'valid'),
  'conv2d of one image': conv([4, 4, 2], [3, 3, 2, 2], 1, 'same'),
  conv2dTranspose: {
    fn: (x, w) =>
      tf.square(tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 6, 7, 2], 2, 'same')),
    shapes: [
      [2, 3, 4, 3],
      [3, 3, 2, 3],
    ],
  },
  'fused.conv2d': {
    fn: (x, w, bias) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: w as tf.Tensor4D,
        bias: bias!,
        strides: 2,
        pad: 'same',
      }),
    shapes: [[1, 4, 5, 2], [3, 3, 2, 2], [2]],
  },
  'avgPool 2×2': pool([2, 4, 6, 3], 2, 2, 'valid'),
  'avgPool, overlapping and padded': pool([1, 5, 4, 2], 3, 2, 'same'),
  'avgPool, pixels left over': pool([1, 5, 6, 1], [2, 3], 2, 'valid'),
  'avgPool, rounding up': pool([1, 5, 6, 1], 3, 2, 0, 'ceil'),
};

describeGradients('gradients of convolutions and pooling', convolutionGradients, cases, () => {
  it('are right for any size, stride and dilation', () => {
    const small = (max: number) => fc.integer({ min: 1, max });
    fc.assert(
      fc.property(
        fc.tuple(small(2), fc.integer({ min: 3, max: 7 }), fc.integer({ min: 3, max: 7 })),
        fc.tuple(small(3), small(3)),
        fc.tuple(small(2), small(2)),
        fc.constantFrom('same' as const, 'valid' as const),
        small(3),
        small(2),
        ([items, height, width], [rows, columns], [inputs, outputs], padding, stride, dilation) => {
          fc.pre(stride === 1 || dilation === 1);
          fc.pre(dilation * (rows - 1) < height && dilation * (columns - 1) < width);
          const example = conv(
            [items, height, width, inputs],
            [rows, columns, inputs, outputs],
            stride,
            padding,
            'NHWC',
            dilation,
          );
          expectFirstOrder(example, createRng(4));
          expectSecondOrder(example, createRng(4));
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });
});
