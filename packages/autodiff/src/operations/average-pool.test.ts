import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { averagePool, averagePoolGradients } from './average-pool.js';

const of = (window: number, shape: number[]): GradientCase => ({
  fn: (x) => tf.sin(averagePool(x!, window)),
  shapes: [shape],
});
describeGradients('gradients of averagePool', averagePoolGradients, {
  'window 3': of(3, [2, 4, 3, 2]),
  'window 5': of(5, [1, 3, 6, 2]),
});

describe('averagePool', () => {
  it.each([1, 3, 5])('is the mean over a window of %d, with zeros beyond the border', (window) => {
    tf.tidy(() => {
      const [height, width, channels] = [4, 6, 2];
      const x = createRng(1).normal([2, height, width, channels]);
      const y = averagePool(toTensor(x), window);
      expect(y.shape).toEqual(x.shape);
      const actual = y.dataSync();
      const reach = (window - 1) / 2;
      for (let n = 0; n < 2; n++) {
        for (let i = 0; i < height; i++) {
          for (let j = 0; j < width; j++) {
            for (let c = 0; c < channels; c++) {
              let sum = 0;
              for (let p = Math.max(0, i - reach); p <= Math.min(height - 1, i + reach); p++) {
                for (let q = Math.max(0, j - reach); q <= Math.min(width - 1, j + reach); q++) {
                  sum += x.data[((n * height + p) * width + q) * channels + c]!;
                }
              }
              const at = ((n * height + i) * width + j) * channels + c;
              // Sums of at most 25 float32 numbers of size 1.
              expect(Math.abs(actual[at]! - sum / window ** 2)).toBeLessThan(1e-6);
            }
          }
        }
      }
    });
  });

  it.each<[string, number[], number]>([
    ['three axes', [2, 3, 4], 3],
    ['an even window', [1, 2, 2, 1], 2],
    ['half a window', [1, 2, 2, 1], 1.5],
  ])('refuses %s', (_name, shape, window) => {
    tf.tidy(() => {
      expect(() => averagePool(tf.zeros(shape), window)).toThrow(
        `x [${shape.join(', ')}] and a window of ${window}`,
      );
    });
  });
});
