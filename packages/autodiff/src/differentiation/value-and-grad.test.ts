import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectNoLeak } from '../host/leaks.js';
import { disposeTree, toTensor } from '../host/transfer.js';
import { attention } from '../operations/attention.js';
import { conv2d } from '../operations/conv2d.js';
import { groupNorm } from '../operations/group-norm.js';
import { upsampleNearest } from '../operations/upsample-nearest.js';
import { valueAndGrad } from './value-and-grad.js';

/** A small network with every composite, and parameters for it. */
const network = {
  params: () => {
    const rng = createRng(5);
    return {
      filter: toTensor(rng.normal([4, 2, 3, 3])),
      bias: toTensor(rng.normal([4])),
      scale: toTensor(rng.normal([4])),
      offset: toTensor(rng.normal([4])),
    };
  },
  loss: (p: Readonly<Record<string, tf.Tensor>>, x: tf.Tensor) => {
    const y = conv2d(x, p.filter!, p.bias!, { stride: 2, padding: 1 });
    const z = groupNorm(y, p.scale!, p.offset!, { groups: 2, activation: 'silu' });
    const tokens = tf.reshape(upsampleNearest(z, 2), [2, -1, 4]);
    return tf.mean(tf.square(attention(tokens, tokens, tokens)));
  },
  image: () => toTensor(createRng(6).normal([2, 4, 4, 2])),
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe('valueAndGrad', () => {
  it('gives the value and the gradient of each named parameter', () => {
    tf.tidy(() => {
      const { value, grads } = valueAndGrad(({ a, b }, x: tf.Tensor) =>
        tf.sum(tf.mul(tf.square(a!), tf.add(b!, x))),
      )({ a: tf.tensor1d([1, 2]), b: tf.tensor1d([3, 4]) }, tf.scalar(1));
      expect(value.shape).toEqual([]);
      expect(value.dataSync()[0]).toBe(1 * 4 + 4 * 5);
      expect(Object.keys(grads)).toEqual(['a', 'b']);
      expect([...grads.a!.dataSync()]).toEqual([8, 20]);
      expect([...grads.b!.dataSync()]).toEqual([1, 4]);
    });
  });

  it('gives zeros for what the value does not depend on, and for a constant', () => {
    tf.tidy(() => {
      const params = { a: tf.tensor1d([1, 2]), unused: tf.ones([2, 3]) };
      const { grads } = valueAndGrad(({ a }) => tf.sum(a!))(params);
      expect(grads.unused!.shape).toEqual([2, 3]);
      expect(grads.unused!.dtype).toBe('float32');
      expect([...grads.unused!.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
      const constant = valueAndGrad(() => tf.scalar(7))(params);
      expect(constant.value.dataSync()[0]).toBe(7);
      expect([...constant.grads.a!.dataSync()]).toEqual([0, 0]);
      expect(valueAndGrad(() => tf.scalar(7))({}).grads).toEqual({});
    });
  });

  it('gives tensors of their own where the function returns one of its arguments', () => {
    const a = tf.scalar(3);
    const outside = tf.tensor1d([4]);
    const same = valueAndGrad((p) => p.a!)({ a });
    const other = valueAndGrad(() => outside)({ a });
    expect(same.grads.a!.dataSync()[0]).toBe(1);
    expect(other.value.shape).toEqual([]);
    disposeTree([same, other]);
    expect(a.dataSync()[0]).toBe(3);
    expect(outside.dataSync()[0]).toBe(4);
    disposeTree([a, outside]);
  });

  it('nests: a Hessian by rows', () => {
    tf.tidy(() => {
      // f = x²y + y³ has the Hessian [[2y, 2x], [2x, 6y]].
      const f = (v: tf.Tensor) => {
        const [x, y] = tf.unstack(v) as [tf.Tensor, tf.Tensor];
        return tf.add(tf.mul(tf.square(x), y), tf.pow(y, 3));
      };
      const slope = (v: tf.Tensor) => valueAndGrad((p) => f(p.v!))({ v }).grads.v!;
      const v = tf.tensor1d([2, 3]);
      const row = (i: number) =>
        valueAndGrad((p) => tf.sum(tf.slice(slope(p.v!), i, 1)))({ v }).grads.v!.dataSync();
      expect([...row(0), ...row(1)]).toEqual([6, 4, 4, 18]);
    });
  });

  it('differentiates a loss that contains a derivative, with respect to parameters', () => {
    tf.tidy(() => {
      // s(x) = tanh(w x); implicit score matching, ½s² + s', has a closed derivative in w.
      const loss = ({ w }: Readonly<Record<string, tf.Tensor>>, x: tf.Tensor) => {
        const score = (at: tf.Tensor) => tf.tanh(tf.mul(w!, at));
        const { value, grads } = valueAndGrad((p) => tf.sum(score(p.x!)))({ x });
        return tf.add(tf.mul(0.5, tf.square(value)), tf.sum(grads.x!));
      };
      const [w, x] = [0.8, 1.3];
      const { value, grads } = valueAndGrad(loss)({ w: tf.scalar(w) }, tf.scalar(x));
      const th = Math.tanh(w * x);
      const sech2 = 1 - th * th;
      expect(value.dataSync()[0]).toBeCloseTo(0.5 * th * th + w * sech2, 6);
      expect(grads.w!.dataSync()[0]).toBeCloseTo(
        th * sech2 * x + sech2 - 2 * w * x * th * sech2,
        6,
      );
    });
  });

  it('reads no values, so that it can be traced', () => {
    const { params, loss, image } = network;
    const [held, x] = [params(), image()];
    const engine = tf.engine();
    const reads = [vi.spyOn(engine, 'readSync'), vi.spyOn(engine, 'read')];
    const once = valueAndGrad(loss);
    const twice = valueAndGrad((p, y: tf.Tensor) =>
      tf.addN(Object.values(once(p, y).grads).map((g) => tf.sum(tf.square(g)))),
    );
    const results = [once(held, x), twice(held, x)];
    for (const read of reads) expect(read).not.toHaveBeenCalled();
    disposeTree([results, held, x]);
  });

  it('leaves nothing behind, whichever order, also when the function throws', async () => {
    const { params, loss, image } = network;
    const [held, x] = [params(), image()];
    const once = valueAndGrad(loss);
    const twice = valueAndGrad((p, y: tf.Tensor) =>
      tf.addN(Object.values(once(p, y).grads).map((g) => tf.sum(tf.square(g)))),
    );
    const failing = valueAndGrad((p, y: tf.Tensor) => {
      loss(p, y);
      throw new Error('too late');
    });
    await expectNoLeak(() => {
      for (let i = 0; i < 3; i++) {
        disposeTree(once(held, x));
        disposeTree(twice(held, x));
        expect(() => failing(held, x)).toThrow('too late');
        const nested = valueAndGrad((p, y: tf.Tensor) =>
          tf.add(once(p, y).value, failing(p, y).value),
        );
        expect(() => nested(held, x)).toThrow('too late');
      }
    });
    disposeTree([held, x]);
  });

  it.each<[string, () => tf.Tensor, RegExp]>([
    ['a vector', () => tf.ones([2, 2]), /shape \[2, 2\]/],
    ['nothing', () => undefined as unknown as tf.Tensor, /gave no tensor/],
  ])('refuses a function that gives %s', (_name, fn, message) => {
    tf.tidy(() => {
      expect(() => valueAndGrad(fn)({ a: tf.scalar(1) })).toThrow(message);
    });
  });
});
