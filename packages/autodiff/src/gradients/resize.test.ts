import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { valueAndGrad } from '../index.js';
import { resizeGradients } from './resize.js';

const { resizeBilinear, resizeNearestNeighbor } = tf.image;
const squared = (
  resize: typeof resizeBilinear,
  size: [number, number],
  ...more: boolean[]
): GradientCase => ({
  fn: (x) => tf.square(resize(x as tf.Tensor4D, size, ...more)),
  shapes: [[2, 3, 4, 2]],
});

describeGradients('gradients of resizing', resizeGradients, {
  'bilinear, to more': squared(resizeBilinear, [5, 7]),
  'bilinear, to less, corners aligned': squared(resizeBilinear, [2, 3], true),
  'bilinear, half-pixel centres': squared(resizeBilinear, [6, 2], false, true),
  nearest: squared(resizeNearestNeighbor, [6, 3]),
  'nearest, corners aligned': squared(resizeNearestNeighbor, [5, 2], true),
  'nearest, half-pixel centres': squared(resizeNearestNeighbor, [2, 7], false, true),
});

it('are the adjoint for any sizes', () => {
  const extent = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(
      fc.tuple(extent, extent, extent, extent),
      fc.constantFrom(resizeBilinear, resizeNearestNeighbor),
      fc.constantFrom([false, false], [true, false], [false, true]),
      ([height, width, tall, wide], resize, flags) => {
        tf.tidy(() => {
          const run = (x: tf.Tensor) => resize(x as tf.Tensor4D, [tall, wide], ...flags);
          const x = toTensor(createRng(5).normal([1, height, width, 2]));
          const w = toTensor(createRng(6).normal([1, tall, wide, 2]));
          const { value, grads } = valueAndGrad((p) => tf.sum(tf.mul(run(p.x!), w)))({ x });
          const back = tf.sum(tf.mul(grads.x!, x));
          // ⟨Rx, w⟩ = ⟨x, Rᵀw⟩, sums of up to 98 float32 numbers.
          expect(back.dataSync()[0]).toBeCloseTo(value.dataSync()[0]!, 4);
        });
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});
