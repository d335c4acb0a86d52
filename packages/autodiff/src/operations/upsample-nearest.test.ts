import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { valueAndGrad } from '../index.js';
import { downsampleMean, upsampleNearest, upsampleNearestGradients } from './upsample-nearest.js';

const of = (factor: number, shape: number[]): GradientCase => ({
  fn: (x) => tf.sin(upsampleNearest(x!, factor)),
  shapes: [shape],
});
const cases = {
  'factor 2': of(2, [2, 2, 3, 2]),
  'factor 3': of(3, [1, 1, 2, 2]),
  'factor 1': of(1, [1, 2, 2, 1]),
  'means of tiles': { fn: (x) => tf.sin(downsampleMean(x!, 2)), shapes: [[2, 4, 2, 3]] },
} satisfies Record<string, GradientCase>;

describeGradients('gradients of upsampleNearest', upsampleNearestGradients, cases, () => {
  it('sum each block', () => {
    tf.tidy(() => {
      const dy = tf.reshape(tf.range(0, 24), [1, 4, 6, 1]);
      const { grads } = valueAndGrad(({ x }) => tf.sum(tf.mul(dy, upsampleNearest(x!, 2))))({
        x: tf.zeros([1, 2, 3, 1]),
      });
      expect([...grads.x!.dataSync()]).toEqual([
        0 + 1 + 6 + 7,
        2 + 3 + 8 + 9,
        4 + 5 + 10 + 11,
        12 + 13 + 18 + 19,
        14 + 15 + 20 + 21,
        16 + 17 + 22 + 23,
      ]);
    });
  });
});

describe('upsampleNearest', () => {
  it.each([1, 2, 3])('repeats each pixel, factor %d', (factor) => {
    tf.tidy(() => {
      const shape = [2, 3, 2, 3];
      const x = createRng(1).normal(shape);
      const y = upsampleNearest(toTensor(x), factor);
      expect(y.shape).toEqual([2, 3 * factor, 2 * factor, 3]);
      const expected: number[] = [];
      for (let n = 0; n < 2; n++) {
        for (let i = 0; i < 3 * factor; i++) {
          for (let j = 0; j < 2 * factor; j++) {
            const pixel = (n * 3 + Math.floor(i / factor)) * 2 + Math.floor(j / factor);
            expected.push(...x.data.slice(pixel * 3, pixel * 3 + 3));
          }
        }
      }
      expect([...y.dataSync()]).toEqual(expected);
    });
  });

  it.each<[string, number[], number]>([
    ['three axes', [2, 3, 4], 2],
    ['factor 0', [1, 2, 2, 1], 0],
    ['half a factor', [1, 2, 2, 1], 1.5],
  ])('refuses %s', (_name, shape, factor) => {
    tf.tidy(() => {
      expect(() => upsampleNearest(tf.zeros(shape), factor)).toThrow(
        `x [${shape.join(', ')}] and factor ${factor}`,
      );
    });
  });
});

describe('downsampleMean', () => {
  it('is the mean of each tile', () => {
    tf.tidy(() => {
      const x = tf.reshape(tf.range(0, 24), [1, 4, 6, 1]);
      const y = downsampleMean(x, 2);
      expect(y.shape).toEqual([1, 2, 3, 1]);
      expect([...y.dataSync()]).toEqual([3.5, 5.5, 7.5, 15.5, 17.5, 19.5]);
    });
  });

  it.each<[string, number[], number]>([
    ['three axes', [2, 4, 4], 2],
    ['a factor that does not divide', [1, 4, 3, 1], 2],
    ['factor 0', [1, 4, 4, 1], 0],
  ])('refuses %s', (_name, shape, factor) => {
    tf.tidy(() => {
      expect(() => downsampleMean(tf.zeros(shape), factor)).toThrow(
        `x [${shape.join(', ')}] and factor ${factor}`,
      );
    });
  });
});
