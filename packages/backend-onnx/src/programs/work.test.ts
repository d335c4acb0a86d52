import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { conv2d } from '@tweedie/autodiff';
import { flattenTree, type PureFunction } from '@tweedie/core';
import { beforeAll, expect, it } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import type { LeafType } from '../ir/element-type.js';
import { trace } from '../trace/trace.js';
import { workOf } from './work.js';

beforeAll(() => tf.setBackend('cpu'));

function work(fn: PureFunction, shapes: readonly number[][], blockSize = 0): number {
  const argumentTypes = shapes.map((shape): LeafType => ({ shape, type: 'float32' }));
  const { structure } = flattenTree(shapes.map((shape) => ({ dataId: {}, shape })));
  const dialect = { operators: 'runtime', blockSize } as const;
  return workOf(trace({ fn, argumentTypes, structure, dialect }));
}

/** What a product of that many multiply-adds comes to, with the elements that it writes. */
const multiplyAdds = (count: number, written: number) => count + 8 * written;

it.each<[string, PureFunction, number[][], number]>([
  [
    'a matrix product',
    (a: Tensor, b: Tensor) => tf.matMul(a, b),
    [
      [40, 30],
      [30, 20],
    ],
    multiplyAdds(40 * 30 * 20, 40 * 20),
  ],
  [
    'one of a transpose',
    (a: Tensor, b: Tensor) => tf.matMul(a, b, true),
    [
      [30, 40],
      [30, 20],
    ],
    multiplyAdds(40 * 30 * 20, 40 * 20),
  ],
  [
    'a batch of transposes',
    (a: Tensor, b: Tensor) => tf.matMul(a, b, true),
    [
      [5, 30, 40],
      [5, 30, 20],
    ],
    multiplyAdds(5 * 40 * 30 * 20, 5 * 40 * 20),
  ],
  [
    'a sum of products over labels',
    (a: Tensor, b: Tensor) => tf.einsum('bij,bkj->bik', a, b),
    [
      [5, 30, 40],
      [5, 20, 40],
    ],
    multiplyAdds(5 * 40 * 30 * 20, 5 * 30 * 20),
  ],
])('of %s', (_name, fn, shapes, expected) => {
  expect(work(fn, shapes)).toBe(expected);
});

it.each([0, 16])('of a convolution, with blocks of %i channels', (blockSize) => {
  const convolution = (x: Tensor, w: Tensor) => conv2d(x, w, undefined, { padding: 1 });
  const shapes = [
    [8, 10, 10, 32],
    [64, 32, 3, 3],
  ];
  const products = 8 * 10 * 10 * 64 * 32 * 9;
  const estimate = work(convolution, shapes, blockSize);
  // Beside the products there are the changes of layout.
  expect(estimate).toBeGreaterThanOrEqual(multiplyAdds(products, 8 * 10 * 10 * 64));
  expect(estimate).toBeLessThan(1.2 * products);
});
