import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectNoLeak } from '../host/leaks.js';
import { disposeTree } from '../host/transfer.js';
import { jvp, vjp } from './jacobian-products.js';
import { valueAndGrad } from './value-and-grad.js';

/** f(x, y) = (x y, sin x, y²); its Jacobian has the rows (y, x), (cos x, 0), (0, 2y). */
const f = (point: tf.Tensor) => {
  const [x, y] = tf.unstack(point) as [tf.Tensor, tf.Tensor];
  return tf.stack([tf.mul(x, y), tf.sin(x), tf.square(y)]);
};
const [x, y] = [0.7, -1.2];

describe('products with a Jacobian', () => {
  it('from the left', () => {
    tf.tidy(() => {
      const { value, product } = vjp(f, tf.tensor1d([x, y]), tf.tensor1d([2, 3, 5]));
      [x * y, Math.sin(x), y * y].forEach((expected, i) => {
        expect(value.dataSync()[i]).toBeCloseTo(expected, 6);
      });
      expect(product.shape).toEqual([2]);
      expect(product.dataSync()[0]).toBeCloseTo(2 * y + 3 * Math.cos(x), 5);
      expect(product.dataSync()[1]).toBeCloseTo(2 * x + 5 * 2 * y, 5);
    });
  });

  it('from the right', () => {
    tf.tidy(() => {
      const { value, product } = jvp(f, tf.tensor1d([x, y]), tf.tensor1d([2, 3]));
      expect(value.dataSync()[1]).toBeCloseTo(Math.sin(x), 6);
      expect(product.shape).toEqual([3]);
      [2 * y + 3 * x, 2 * Math.cos(x), 3 * 2 * y].forEach((expected, i) => {
        expect(product.dataSync()[i]).toBeCloseTo(expected, 5);
      });
    });
  });

  it('are zero for a constant function', () => {
    tf.tidy(() => {
      const at = tf.tensor1d([1, 2]);
      const constant = () => tf.ones([3]);
      expect([...vjp(constant, at, tf.ones([3])).product.dataSync()]).toEqual([0, 0]);
      expect([...jvp(constant, at, tf.ones([2])).product.dataSync()]).toEqual([0, 0, 0]);
    });
  });

  it('give tensors of their own where the function gives back its argument', () => {
    const at = tf.tensor1d([1, 2]);
    const direction = tf.tensor1d([3, 4]);
    const products = [vjp((t) => t, at, direction), jvp((t) => t, at, direction)];
    for (const { product } of products) expect([...product.dataSync()]).toEqual([3, 4]);
    disposeTree(products);
    expect([...at.dataSync(), ...direction.dataSync()]).toEqual([1, 2, 3, 4]);
    disposeTree([at, direction]);
  });

  it('are differentiable with respect to what the function closes over', () => {
    tf.tidy(() => {
      // vᵀ ∂tanh(w x)/∂x u = w (1 − tanh²(w x)) u v.
      const [w, at, u, v] = [0.8, 1.3, 2, -0.5];
      const th = Math.tanh(w * at);
      const slope = u * v * (1 - th * th) * (1 - 2 * w * at * th);
      const left = valueAndGrad((p) => {
        const g = (t: tf.Tensor) => tf.tanh(tf.mul(p.w!, t));
        return tf.mul(vjp(g, tf.scalar(at), tf.scalar(v)).product, u);
      });
      const right = valueAndGrad((p) => {
        const g = (t: tf.Tensor) => tf.tanh(tf.mul(p.w!, t));
        return tf.mul(jvp(g, tf.scalar(at), tf.scalar(u)).product, v);
      });
      for (const { grads } of [left({ w: tf.scalar(w) }), right({ w: tf.scalar(w) })]) {
        expect(grads.w!.dataSync()[0]).toBeCloseTo(slope, 6);
      }
    });
  });

  it('leave nothing behind', async () => {
    const at = tf.tensor1d([x, y]);
    const [v, u] = [tf.ones([3]), tf.ones([2])];
    await expectNoLeak(() => {
      disposeTree([vjp(f, at, v), jvp(f, at, u)]);
    });
    disposeTree([at, v, u]);
  });

  it('refuse a vector of another shape', () => {
    tf.tidy(() => {
      const at = tf.ones([2]);
      expect(() => vjp(f, at, tf.ones([2]))).toThrow(/v has the shape \[2\].*\[3\]/);
      expect(() => jvp(f, at, tf.ones([3]))).toThrow(/u has the shape \[3\].*\[2\]/);
    });
  });
});
