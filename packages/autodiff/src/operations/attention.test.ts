import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng, type FloatArray } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { valueAndGrad } from '../index.js';
import { attention, attentionGradients } from './attention.js';

/** The definition, in float64. */
function naive(q: FloatArray, k: FloatArray, v: FloatArray, scale: number): number[] {
  const [items, queries, depth] = q.shape as [number, number, number];
  const keys = k.shape[1]!;
  const width = v.shape[2]!;
  const out: number[] = [];
  for (let b = 0; b < items; b++) {
    for (let i = 0; i < queries; i++) {
      const weights = Array.from({ length: keys }, (_, j) => {
        let logit = 0;
        for (let d = 0; d < depth; d++) {
          logit += q.data[(b * queries + i) * depth + d]! * k.data[(b * keys + j) * depth + d]!;
        }
        return Math.exp(scale * logit);
      });
      const total = weights.reduce((a, c) => a + c, 0);
      for (let e = 0; e < width; e++) {
        let sum = 0;
        weights.forEach((weight, j) => {
          sum += (weight / total) * v.data[(b * keys + j) * width + e]!;
        });
        out.push(sum);
      }
    }
  }
  return out;
}

const cases: Record<string, GradientCase> = {
  'self-attention': {
    fn: (q, k, v) => attention(q!, k!, v!),
    shapes: [
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
  },
  'more keys than queries, values of another width': {
    fn: (q, k, v) => tf.square(attention(q!, k!, v!, { scale: 0.7 })),
    shapes: [
      [1, 2, 3],
      [1, 4, 3],
      [1, 4, 2],
    ],
  },
  'one tensor as query, key and value': {
    fn: (x) => attention(x!, x!, x!),
    shapes: [[2, 3, 2]],
  },
};

describeGradients('gradients of attention', attentionGradients, cases, () => {
  it('are those of plain operations in both orders', () => {
    tf.tidy(() => {
      const rng = createRng(4);
      const draw = () => toTensor(rng.normal([2, 5, 3]));
      const params = { q: draw(), k: draw(), v: draw() };
      const weights = draw();
      const plain = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
        tf.matMul(tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(3))), v);
      const derivatives = (attend: typeof plain) => {
        const first = valueAndGrad((p) => tf.sum(tf.mul(weights, attend(p.q!, p.k!, p.v!))));
        const second = valueAndGrad((p) => {
          const { q, k, v } = first(p).grads;
          return tf.addN([q!, k!, v!].map((g) => tf.sum(tf.sin(g))));
        });
        return [...Object.values(first(params).grads), ...Object.values(second(params).grads)];
      };
      const ours = derivatives(attention);
      derivatives(plain).forEach((theirs, i) => {
        const error = tf.max(tf.abs(tf.sub(ours[i]!, theirs))).dataSync()[0]!;
        const size = tf.max(tf.abs(theirs)).dataSync()[0]!;
        expect(error / size).toBeLessThan(1e-5);
      });
    });
  });
});

describe('attention', () => {
  it.each([
    ['default scale', undefined, 1 / Math.sqrt(5)],
    ['scale 0.3', 0.3, 0.3],
  ])('agrees with its definition: %s', (_name, scale, expectedScale) => {
    tf.tidy(() => {
      const rng = createRng(8);
      const [q, k, v] = [rng.normal([2, 3, 5]), rng.normal([2, 4, 5]), rng.normal([2, 4, 2])];
      const options = scale === undefined ? {} : { scale };
      const y = attention(toTensor(q), toTensor(k), toTensor(v), options);
      expect(y.shape).toEqual([2, 3, 2]);
      const expected = naive(q, k, v, expectedScale);
      const error = y.dataSync().map((value, i) => value - expected[i]!);
      expect(Math.max(...error.map(Math.abs))).toBeLessThan(2e-6);
    });
  });

  it('stays finite for large logits', () => {
    tf.tidy(() => {
      const q = tf.fill([1, 2, 4], 40);
      const y = attention(q, q, tf.ones([1, 2, 4]));
      expect([...y.dataSync()]).toEqual(Array(8).fill(1));
    });
  });

  it.each<[string, number[], number[], number[]]>([
    ['two axes', [3, 4], [3, 4], [3, 4]],
    ['keys of another depth', [1, 3, 4], [1, 3, 5], [1, 3, 4]],
    ['more values than keys', [1, 3, 4], [1, 3, 4], [1, 4, 4]],
    ['another batch', [2, 3, 4], [1, 3, 4], [1, 3, 4]],
  ])('refuses %s', (_name, q, k, v) => {
    tf.tidy(() => {
      const run = () => attention(tf.zeros(q), tf.zeros(k), tf.zeros(v));
      expect(run).toThrow(`q [${q.join(', ')}], k [${k.join(', ')}] and v [${v.join(', ')}]`);
    });
  });

  it('refuses a scale that is no number', () => {
    tf.tidy(() => {
      const x = tf.zeros([1, 2, 2]);
      expect(() => attention(x, x, x, { scale: Number.NaN })).toThrow(/scale NaN/);
    });
  });
});
