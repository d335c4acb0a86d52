import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { valueAndGrad } from '../index.js';
import { poolingGradients } from './pooling.js';

// Products with x make the second derivatives depend on where the greatest is.
const squared = (fn: (x: tf.Tensor) => tf.Tensor, shape: number[]): GradientCase => ({
  // Far apart, so that no two change places within a step of the differences.
  fn: (x) => tf.square(fn(tf.add(x!, tf.mul(order(shape), 3)))),
  shapes: [shape],
});

/** The numbers 0, 1, … in an order by chance. */
function order(shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const keys = createRng(3).uniform([size]).data;
  const places = Array.from(keys, (_, i) => i).sort((a, b) => keys[a]! - keys[b]!);
  const ranks = new Float32Array(size);
  places.forEach((place, rank) => {
    ranks[place] = rank / size;
  });
  return tf.mul(tf.tensor(ranks, [...shape]), size);
}

const x4 = (x: tf.Tensor) => x as tf.Tensor4D;
const x5 = (x: tf.Tensor) => x as tf.Tensor5D;

describeGradients('gradients of pooling', poolingGradients, {
  'maxPool 2, stride 2': squared((x) => tf.maxPool(x4(x), 2, 2, 'valid'), [1, 4, 4, 2]),
  'maxPool 3, stride 2, same': squared((x) => tf.maxPool(x4(x), 3, 2, 'same'), [1, 5, 4, 2]),
  'maxPool 3, stride 1, padding 1': squared((x) => tf.maxPool(x4(x), 3, 1, 1), [1, 4, 3, 2]),
  'maxPool3d 2, stride 2': squared((x) => tf.maxPool3d(x5(x), 2, 2, 'valid'), [1, 4, 2, 4, 1]),
  'maxPool3d 3, stride 1, same': squared((x) => tf.maxPool3d(x5(x), 3, 1, 'same'), [1, 3, 2, 3, 1]),
  'avgPool3d 2, stride 2': squared((x) => tf.avgPool3d(x5(x), 2, 2, 'valid'), [1, 4, 2, 4, 2]),
  'avgPool3d 3, stride 2, same': squared((x) => tf.avgPool3d(x5(x), 3, 2, 'same'), [1, 5, 4, 3, 1]),
  'the slope of maxPool of its own slope': {
    fn: (x) => {
      const far = tf.add(x!, tf.mul(order([1, 4, 4, 1]), 3));
      const { grads } = valueAndGrad((p) => tf.sum(tf.square(tf.maxPool(x4(p.x!), 2, 1, 'valid'))))(
        { x: far },
      );
      return tf.square(grads.x!);
    },
    shapes: [[1, 4, 4, 1]],
  },
});

it('a tie belongs to the first', () => {
  const { grads } = valueAndGrad((p) => tf.sum(tf.maxPool(x4(p.x!), 2, 2, 'valid')))({
    x: tf.ones([1, 2, 4, 1]),
  });
  expect(Array.from(grads.x!.dataSync())).toEqual([1, 0, 1, 0, 0, 0, 0, 0]);
});

it('what flows back through any pooling sums to what came', () => {
  fc.assert(
    fc.property(
      fc.record({
        height: fc.integer({ min: 1, max: 6 }),
        width: fc.integer({ min: 1, max: 6 }),
        window: fc.integer({ min: 1, max: 4 }),
        stride: fc.integer({ min: 1, max: 3 }),
        pad: fc.constantFrom('same' as const, 'valid' as const),
        kind: fc.constantFrom(tf.maxPool, tf.avgPool),
      }),
      ({ height, width, window, stride, pad, kind }) => {
        fc.pre(pad === 'same' || (window <= height && window <= width));
        tf.tidy(() => {
          const x = toTensor(createRng(5).normal([1, height, width, 2]));
          const y = kind(x4(x), window, stride, pad);
          const weights = toTensor(createRng(6).normal(y.shape));
          const { grads } = valueAndGrad((p) =>
            tf.sum(tf.mul(kind(x4(p.x!), window, stride, pad), weights)),
          )({ x });
          const [flow, came] = [tf.sum(grads.x!), tf.sum(weights)].map((t) => t.dataSync()[0]!);
          // Sums of up to 72 float32 numbers.
          expect(flow).toBeCloseTo(came!, 4);
        });
      },
    ),
    { numRuns: 60 },
  );
});
