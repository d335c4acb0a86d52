import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { valueAndGrad } from '../index.js';
import { maxPool, maxPoolGradients } from './max-pool.js';

/** Numbers 4 apart, so that inputs in ±1.5 and steps of finite differences change no winner. */
function apart(shape: readonly number[]): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  return tf.tensor(
    Array.from({ length: size }, (_, i) => 4 * (((i * 7919) % size) - size / 2)),
    [...shape],
  );
}
const of = (window: number, shape: number[]): GradientCase => ({
  fn: (x) => tf.sin(maxPool(tf.add(x!, apart(shape)), window)),
  shapes: [shape],
});

/** The gradient of a sum, as a function whose own derivatives are compared with finite differences. */
const slopeOf = ({ fn, shapes }: GradientCase): GradientCase => ({
  fn: (x) => valueAndGrad((p) => tf.sum(fn(p.x!)))({ x: x! }).grads.x!,
  shapes,
});

/** The place of the greatest pixel of each window, the first of equals. */
function winners(data: ArrayLike<number>, shape: readonly number[], window: number): number[] {
  const [items, height, width, channels] = shape as [number, number, number, number];
  const reach = (window - 1) / 2;
  const places: number[] = [];
  for (let n = 0; n < items; n++) {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        for (let c = 0; c < channels; c++) {
          let best = -1;
          for (let p = Math.max(0, i - reach); p <= Math.min(height - 1, i + reach); p++) {
            for (let q = Math.max(0, j - reach); q <= Math.min(width - 1, j + reach); q++) {
              const at = ((n * height + p) * width + q) * channels + c;
              if (best < 0 || data[at]! > data[best]!) best = at;
            }
          }
          places.push(best);
        }
      }
    }
  }
  return places;
}

describeGradients(
  'gradients of maxPool',
  maxPoolGradients,
  {
    'window 3': of(3, [2, 4, 3, 2]),
    'window 5': of(5, [1, 3, 6, 2]),
    'a gradient of it': slopeOf(of(3, [1, 4, 3, 2])),
  },
  () => {
    it.each([3, 5])('go to the first of equal pixels, window %d', (window) => {
      tf.tidy(() => {
        const shape = [2, 5, 6, 2];
        // Few different values: many ties.
        const x = toTensor(createRng(2).integers(shape, 0, 3));
        const dy = toTensor(createRng(3).normal(shape));
        const { grads } = valueAndGrad((p) => tf.sum(tf.mul(dy, maxPool(p.x!, window))))({
          x: tf.cast(x, 'float32'),
        });
        const expected = new Float64Array(x.size);
        const flow = dy.dataSync();
        winners(x.dataSync(), shape, window).forEach((place, i) => {
          expected[place]! += flow[i]!;
        });
        const actual = grads.x!.dataSync();
        // Sums of up to 25 float32 numbers of size 1.
        expected.forEach((value, i) => {
          expect(Math.abs(actual[i]! - value)).toBeLessThan(5e-6);
        });
      });
    });
  },
);

describe('maxPool', () => {
  it.each([1, 3, 5])('is the greatest of a window of %d', (window) => {
    tf.tidy(() => {
      // Below zero, so that a border of zeros would show.
      const x = createRng(1).uniform([2, 4, 6, 2], -2, -1);
      const y = maxPool(toTensor(x), window);
      expect(y.shape).toEqual(x.shape);
      const expected = winners(x.data, x.shape, window).map((place) => x.data[place]!);
      expect([...y.dataSync()]).toEqual(expected);
    });
  });

  it.each<[string, number[], number]>([
    ['three axes', [2, 3, 4], 3],
    ['an even window', [1, 2, 2, 1], 2],
    ['half a window', [1, 2, 2, 1], 1.5],
  ])('refuses %s', (_name, shape, window) => {
    tf.tidy(() => {
      expect(() => maxPool(tf.zeros(shape), window)).toThrow(
        `x [${shape.join(', ')}] and a window of ${window}`,
      );
    });
  });
});
