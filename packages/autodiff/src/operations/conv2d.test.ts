import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng, type FloatArray } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  describeGradients,
  expectFirstOrder,
  expectSecondOrder,
  type GradientCase,
} from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { valueAndGrad } from '../index.js';
import { convOutputSize } from './conv-geometry.js';
import { type Conv2dOptions, conv2d, conv2dGradients } from './conv2d.js';

type Sides = readonly [number, number, number, number];

/** The definition, in float64. */
function naive(
  x: FloatArray,
  filter: FloatArray,
  bias: FloatArray | undefined,
  stride: number,
  [top, bottom, left, right]: Sides,
  dilation: number,
): { data: number[]; shape: number[] } {
  const [items, height, width, channels] = x.shape as [number, number, number, number];
  const [outputs, , rows, columns] = filter.shape as [number, number, number, number];
  const outHeight = Math.floor((height + top + bottom - dilation * (rows - 1) - 1) / stride) + 1;
  const outWidth = Math.floor((width + left + right - dilation * (columns - 1) - 1) / stride) + 1;
  const data: number[] = [];
  for (let n = 0; n < items; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let k = 0; k < outputs; k++) {
          let sum = bias === undefined ? 0 : bias.data[k]!;
          for (let c = 0; c < channels; c++) {
            for (let r = 0; r < rows; r++) {
              for (let s = 0; s < columns; s++) {
                const [y, z] = [i * stride + r * dilation - top, j * stride + s * dilation - left];
                if (y < 0 || y >= height || z < 0 || z >= width) continue;
                sum +=
                  x.data[((n * height + y) * width + z) * channels + c]! *
                  filter.data[((k * channels + c) * rows + r) * columns + s]!;
              }
            }
          }
          data.push(sum);
        }
      }
    }
  }
  return { data, shape: [items, outHeight, outWidth, outputs] };
}

const dot = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b)).dataSync()[0]!;

const cases: Record<string, GradientCase> = {
  '3×3, same, with bias': {
    fn: (x, w, b) => tf.square(conv2d(x!, w!, b!, { padding: 'same' })),
    shapes: [[2, 4, 5, 2], [3, 2, 3, 3], [3]],
  },
  'stride 2 with zeros below and to the right': {
    fn: (x, w) => tf.square(conv2d(x!, w!, undefined, { stride: 2, padding: [0, 1, 0, 1] })),
    shapes: [
      [1, 6, 5, 2],
      [2, 2, 3, 3],
    ],
  },
  '1×1': {
    fn: (x, w, b) => tf.square(conv2d(x!, w!, b!)),
    shapes: [[2, 3, 3, 4], [2, 4, 1, 1], [2]],
  },
  dilated: {
    fn: (x, w) => tf.square(conv2d(x!, w!, undefined, { dilation: 2, padding: 'same' })),
    shapes: [
      [1, 7, 6, 1],
      [2, 1, 3, 2],
    ],
  },
  'strided and dilated': {
    fn: (x, w) => tf.square(conv2d(x!, w!, undefined, { dilation: 2, stride: 2, padding: 2 })),
    shapes: [
      [1, 6, 7, 2],
      [2, 2, 3, 3],
    ],
  },
  'pixels left over by the stride': {
    fn: (x, w) => tf.square(conv2d(x!, w!, undefined, { stride: 3 })),
    shapes: [
      [1, 6, 7, 1],
      [1, 1, 2, 2],
    ],
  },
  'more padding than the filter reaches': {
    fn: (x, w) => tf.square(conv2d(x!, w!, undefined, { padding: [2, 0, 1, 3], stride: 2 })),
    shapes: [
      [1, 3, 4, 1],
      [2, 1, 1, 2],
    ],
  },
};

const setting = fc.record({
  image: fc.tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 1, max: 3 }),
  ),
  outputs: fc.integer({ min: 1, max: 3 }),
  window: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  padding: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 3 }),
});
type Setting = typeof setting extends fc.Arbitrary<infer S> ? S : never;

const hasOutput = ({ image, window, padding, stride, dilation }: Setting) =>
  convOutputSize(image[1], window[0], padding[0], padding[1], stride, dilation) > 0 &&
  convOutputSize(image[2], window[1], padding[2], padding[3], stride, dilation) > 0;

describeGradients('gradients of conv2d', conv2dGradients, cases, () => {
  it('are right for any geometry', () => {
    fc.assert(
      fc.property(setting.filter(hasOutput), ({ image, outputs, window, ...options }) => {
        const example: GradientCase = {
          fn: (x, w) => tf.square(conv2d(x!, w!, undefined, options)),
          shapes: [image, [outputs, image[3], ...window]],
        };
        expectFirstOrder(example, createRng(6));
        expectSecondOrder(example, createRng(6));
      }),
      { numRuns: 30, seed: 1 },
    );
  });
});

describe('conv2d', () => {
  it('agrees with its definition, and its gradients are its adjoints, for any geometry', () => {
    fc.assert(
      fc.property(setting.filter(hasOutput), ({ image, outputs, window, ...options }) => {
        tf.tidy(() => {
          const rng = createRng(9);
          const x = rng.normal(image);
          const w = rng.normal([outputs, image[3], ...window]);
          const b = rng.normal([outputs]);
          const expected = naive(x, w, b, options.stride, options.padding, options.dilation);
          const y = conv2d(toTensor(x), toTensor(w), toTensor(b), options);
          expect(y.shape).toEqual(expected.shape);
          const error = y.dataSync().map((value, i) => value - expected.data[i]!);
          // A sum of up to 48 products of normal numbers in float32.
          expect(Math.max(...error.map(Math.abs))).toBeLessThan(2e-5);

          const dy = toTensor(rng.normal(y.shape));
          const { grads } = valueAndGrad((params) =>
            tf.sum(tf.mul(dy, conv2d(params.x!, params.w!, params.b, options))),
          )({ x: toTensor(x), w: toTensor(w), b: toTensor(b) });
          const withoutBias = dot(tf.sub(y, toTensor(b)), dy);
          const scale = 1e-5 * (1 + y.size);
          expect(Math.abs(dot(grads.x!, toTensor(x)) - withoutBias)).toBeLessThan(scale);
          expect(Math.abs(dot(grads.w!, toTensor(w)) - withoutBias)).toBeLessThan(scale);
          expect(
            Math.abs(dot(grads.b!, toTensor(b)) - dot(tf.mul(tf.onesLike(y), toTensor(b)), dy)),
          ).toBeLessThan(scale);
        });
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('asks tfjs for no negative padding, which only some backends take as a crop', () => {
    const kernel = tf.getKernel('Conv2D', 'cpu');
    const spy = vi.spyOn(kernel, 'kernelFunc');
    tf.tidy(() => {
      valueAndGrad(({ x, w }) =>
        tf.sum(conv2d(x!, w!, undefined, { padding: [2, 0, 1, 3], stride: 2 })),
      )({ x: tf.ones([1, 3, 4, 1]), w: tf.ones([2, 1, 1, 2]) });
    });
    const paddings = spy.mock.calls.map(([{ attrs }]) => (attrs!.pad as number[][]).flat());
    spy.mockRestore();
    expect(paddings).toHaveLength(3);
    expect(Math.min(...paddings.flat())).toBe(0);
  });

  it.each([
    ['even filter: the odd zero after', [2, 2], 1, [0, 1, 0, 1]],
    ['odd filter', [3, 5], 1, [1, 1, 2, 2]],
    ['dilated', [3, 2], 3, [3, 3, 1, 2]],
  ] as const)("pads 'same' as PyTorch does: %s", (_name, window, dilation, sides) => {
    tf.tidy(() => {
      const x = createRng(1).normal([1, 7, 6, 1]);
      const w = createRng(2).normal([1, 1, ...window]);
      const same = conv2d(toTensor(x), toTensor(w), undefined, { padding: 'same', dilation });
      const expected = naive(x, w, undefined, 1, sides, dilation);
      expect(same.shape).toEqual(x.shape);
      const error = same.dataSync().map((value, i) => value - expected.data[i]!);
      expect(Math.max(...error.map(Math.abs))).toBeLessThan(1e-5);
    });
  });

  it.each<[string, number[], number[], number[] | undefined, unknown, RegExp]>([
    [
      'other channels',
      [1, 4, 4, 2],
      [3, 1, 3, 3],
      undefined,
      {},
      /x \[1, 4, 4, 2\] and filter \[3, 1, 3, 3\].*same C/,
    ],
    ['an image without items', [4, 4, 2], [3, 2, 3, 3], undefined, {}, /x \[4, 4, 2\]/],
    [
      'a bias of another length',
      [1, 4, 4, 2],
      [3, 2, 3, 3],
      [2],
      {},
      /bias \[2\] and filter \[3, 2, 3, 3\]/,
    ],
    ['a filter that does not fit', [1, 2, 4, 1], [1, 1, 3, 3], undefined, {}, /has no output/],
    ['stride 0', [1, 4, 4, 1], [1, 1, 3, 3], undefined, { stride: 0 }, /stride 0/],
    ['half a stride', [1, 4, 4, 1], [1, 1, 3, 3], undefined, { stride: 0.5 }, /stride 0\.5/],
    ['negative padding', [1, 4, 4, 1], [1, 1, 3, 3], undefined, { padding: -1 }, /padding -1/],
    ['two paddings', [1, 4, 4, 1], [1, 1, 3, 3], undefined, { padding: [1, 1] }, /padding \[1,1\]/],
    ['dilation 0', [1, 4, 4, 1], [1, 1, 3, 3], undefined, { dilation: 0 }, /dilation 0/],
  ])('refuses %s', (_name, x, w, b, options, message) => {
    tf.tidy(() => {
      const bias = b && tf.zeros(b);
      const run = () => conv2d(tf.zeros(x), tf.zeros(w), bias, options as Conv2dOptions);
      expect(run).toThrow(message);
    });
  });
});
