import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { toTensor } from '../host/transfer.js';
import { valueAndGrad } from '../index.js';
import { logSoftmax, silu } from './activation.js';

const derivative = (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) =>
  valueAndGrad(({ y }) => tf.sum(f(y!)))({ y: x }).grads.y!;

describe('silu', () => {
  it('has the derivatives of x σ(x) up to the second', () => {
    tf.tidy(() => {
      const points = [-30, -3, -0.5, 0, 0.7, 4, 30];
      const x = tf.tensor1d(points);
      const [f, f1, f2] = [silu(x), derivative(silu)(x), derivative(derivative(silu))(x)].map((y) =>
        y.dataSync(),
      );
      points.forEach((point, i) => {
        const s = 1 / (1 + Math.exp(-point));
        expect(f![i]).toBeCloseTo(point * s, 5);
        expect(f1![i]).toBeCloseTo(s * (1 + point * (1 - s)), 6);
        expect(f2![i]).toBeCloseTo(s * (1 - s) * (2 + point * (1 - 2 * s)), 6);
      });
    });
  });
});

describe('logSoftmax', () => {
  it('agrees with its definition along any axis, also for large logits', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [1, 2, 900],
        [-5, 0.3, 900],
      ]);
      const rows = logSoftmax(x).arraySync() as number[][];
      expect(rows[0]![2]).toBe(0);
      expect(rows[1]![0]).toBe(-905);
      const columns = logSoftmax(x, 0).arraySync() as number[][];
      expect(columns[0]![1]).toBeCloseTo(2 - Math.log(Math.exp(2) + Math.exp(0.3)), 6);
      expect(columns[1]![2]).toBeCloseTo(-Math.log(2), 6);
    });
  });

  it('has the Hessian p pᵀ − diag p of its sum’s part, which that of tfjs has not', () => {
    tf.tidy(() => {
      const x = toTensor(createRng(2).normal([4]));
      const p = tf.softmax(x).dataSync();
      const first = (f: (x: tf.Tensor) => tf.Tensor) => (y: tf.Tensor) => tf.slice(f(y), 1, 1);
      const row = (f: (x: tf.Tensor) => tf.Tensor) =>
        // Row 2 of the Hessian of the log-probability of class 1.
        derivative((y) => tf.slice(derivative(first(f))(y), 2, 1))(x).dataSync();
      const expected = p.map((value, i) => p[2]! * value - (i === 2 ? value : 0));
      row(logSoftmax).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 6);
      });
      const theirs = row((y) => tf.logSoftmax(y));
      expect(Math.max(...theirs.map((v, i) => Math.abs(v - expected[i]!)))).toBeGreaterThan(0.01);
    });
  });
});
