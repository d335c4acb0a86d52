import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { resizeBilinear, resizeBilinearGradients } from './resize-bilinear.js';

type Size = readonly [number, number];

const to = (size: Size, shape: number[]): GradientCase => ({
  fn: (x) => tf.sin(resizeBilinear(x!, size)),
  shapes: [shape],
});
describeGradients('gradients of resizeBilinear', resizeBilinearGradients, {
  'twice the size': to([4, 6], [2, 2, 3, 2]),
  'wider and less tall': to([2, 5], [1, 3, 4, 2]),
  'from and to one pixel': to([1, 4], [1, 3, 1, 2]),
});

describe('resizeBilinear', () => {
  it.each<[Size, Size]>([
    [
      [3, 2],
      [6, 4],
    ],
    [
      [2, 3],
      [5, 7],
    ],
    [
      [5, 4],
      [3, 1],
    ],
    [
      [1, 3],
      [4, 3],
    ],
  ])('interpolates from %o to %o with corners at corners', ([height, width], [tall, wide]) => {
    tf.tidy(() => {
      const channels = 3;
      const x = createRng(1).normal([2, height, width, channels]);
      const y = resizeBilinear(toTensor(x), [tall, wide]);
      expect(y.shape).toEqual([2, tall, wide, channels]);
      const actual = y.dataSync();
      const place = (i: number, outputs: number, inputs: number) => {
        const at = outputs === 1 ? 0 : (i * (inputs - 1)) / (outputs - 1);
        const low = Math.floor(at);
        return { low, high: Math.min(low + 1, inputs - 1), share: at - low };
      };
      let next = 0;
      for (let n = 0; n < 2; n++) {
        for (let i = 0; i < tall; i++) {
          for (let j = 0; j < wide; j++) {
            const v = place(i, tall, height);
            const h = place(j, wide, width);
            for (let c = 0; c < channels; c++) {
              const pixel = (p: number, q: number) =>
                x.data[((n * height + p) * width + q) * channels + c]!;
              const upper = pixel(v.low, h.low) * (1 - h.share) + pixel(v.low, h.high) * h.share;
              const lower = pixel(v.high, h.low) * (1 - h.share) + pixel(v.high, h.high) * h.share;
              const expected = upper * (1 - v.share) + lower * v.share;
              // A few roundings of numbers of size 1.
              expect(Math.abs(actual[next++]! - expected)).toBeLessThan(2e-6);
            }
          }
        }
      }
    });
  });

  it('gives x itself at its size', () => {
    tf.tidy(() => {
      const x = tf.ones([1, 2, 3, 1]);
      expect(resizeBilinear(x, [2, 3])).toBe(x);
    });
  });

  it.each<[string, number[], number[]]>([
    ['three axes', [2, 3, 4], [2, 2]],
    ['no pixel', [1, 2, 2, 1], [0, 2]],
    ['half a pixel', [1, 2, 2, 1], [1, 1.5]],
    ['one extent', [1, 2, 2, 1], [4]],
  ])('refuses %s', (_name, shape, size) => {
    tf.tidy(() => {
      expect(() => resizeBilinear(tf.zeros(shape), size as unknown as Size)).toThrow(
        `x [${shape.join(', ')}] and the size [${size.join(', ')}]`,
      );
    });
  });
});
