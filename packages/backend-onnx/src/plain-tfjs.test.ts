import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { disposeTree } from '@tweedie/autodiff';
import { createRng } from '@tweedie/core';
import { mnist } from '@tweedie/data/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { normal } from './agreement.testing.js';
import { compile } from './index.js';

// Training as a user of tfjs writes it, with operations of tfjs alone.

beforeAll(() => tf.setBackend('cpu'));

type Weights = readonly Tensor[];
type State = { readonly weights: Weights; readonly mean: Weights; readonly variance: Weights };
type Loss = (weights: Weights, x: Tensor, y: Tensor) => Tensor;

const startFrom = (weights: Weights): State => ({
  weights,
  mean: weights.map((w) => tf.zerosLike(w)),
  variance: weights.map((w) => tf.zerosLike(w)),
});

/** One step of Adam, without its correction of the first steps. */
const stepOf = (loss: Loss) => {
  return ({ weights, mean, variance }: State, x: Tensor, y: Tensor) => {
    const { value, grads } = tf.valueAndGrads((...w: Tensor[]) => loss(w, x, y) as tf.Scalar)([
      ...weights,
    ]);
    const decay = (old: Tensor, fresh: Tensor, rate: number) =>
      tf.add(tf.mul(old, rate), tf.mul(fresh, 1 - rate));
    const nextMean = mean.map((m, i) => decay(m, grads[i]!, 0.9));
    const nextVariance = variance.map((v, i) => decay(v, tf.square(grads[i]!), 0.99));
    const next = weights.map((w, i) =>
      tf.sub(w, tf.mul(tf.div(nextMean[i]!, tf.add(tf.sqrt(nextVariance[i]!), 1e-3)), 0.01)),
    );
    return { loss: value as Tensor, weights: next, mean: nextMean, variance: nextVariance };
  };
};

type Batch = readonly [x: Tensor, y: Tensor];

/** The losses of as many steps as there are batches. */
async function train(
  step: (state: State, x: Tensor, y: Tensor) => unknown,
  start: State,
  batches: readonly Batch[],
): Promise<number[]> {
  const losses: number[] = [];
  let state = start;
  for (const [x, y] of batches) {
    const result = await step(state, x, y);
    const { loss, ...next } = result as { loss: Tensor } & State;
    losses.push((await loss.data())[0]!);
    loss.dispose();
    if (state !== start) disposeTree(state);
    state = next;
  }
  if (state !== start) disposeTree(state);
  return losses;
}

async function expectSameTraining(loss: Loss, weights: Weights, batches: readonly Batch[]) {
  const eager = stepOf(loss);
  const compiled = compile(stepOf(loss), { threads: 1 });
  const start = startFrom(weights);
  const few = batches.slice(0, 5);
  const expected = await train((...args) => tf.tidy(() => eager(...args)), start, few);
  const before = tf.memory().numTensors;
  const actual = await train(compiled, start, batches);
  expect(tf.memory().numTensors).toBe(before);
  await compiled.dispose();
  few.forEach((_, i) => {
    // Sums in another order: a few units of the last of seven digits, after five steps of Adam.
    expect(actual[i]! / expected[i]!).toBeCloseTo(1, 5);
  });
  return actual;
}

const average = (numbers: readonly number[]) =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

describe('plain tfjs, compiled', () => {
  it('a convolutional classifier of digits', async () => {
    const classify = (weights: Weights, images: Tensor) => {
      const [w1, b1, w2, b2, w3, b3] = weights as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
      const small = tf.avgPool(images as Tensor4D, 2, 2, 'valid');
      const first = tf.relu(tf.add(tf.conv2d(small as Tensor4D, w1 as Tensor4D, 1, 'same'), b1));
      const half = tf.maxPool(first as Tensor4D, 2, 2, 'valid');
      const second = tf.relu(tf.add(tf.conv2d(half as Tensor4D, w2 as Tensor4D, 2, 'same'), b2));
      const flat = tf.reshape(second, [images.shape[0]!, 4 * 4 * 16]);
      return tf.add(tf.matMul(flat as Tensor2D, w3 as Tensor2D), b3);
    };
    const loss: Loss = (weights, images, labels) =>
      tf.losses.softmaxCrossEntropy(labels, classify(weights, images));

    const digits = mnist({ split: 'test', limit: 400 });
    const batches = Array.from({ length: 30 }, (_, i): Batch => {
      const { x, label } = digits.batch(createRng(1), i, 32);
      return [
        tf.tensor(x.data, [...x.shape]),
        tf.oneHot(tf.tensor1d(Array.from(label!.data), 'int32'), 10, 1, 0, 'float32'),
      ];
    });
    const small = (scale: number, ...shape: number[]) => tf.mul(normal(...shape), scale);
    const weights = [
      small(0.3, 3, 3, 1, 8),
      tf.zeros([8]),
      small(0.15, 3, 3, 8, 16),
      tf.zeros([16]),
      small(0.08, 256, 10),
      tf.zeros([10]),
    ];
    const losses = await expectSameTraining(loss, weights, batches);
    // From the guess of a tenth each, ln 10, well down.
    expect(losses[0]).toBeGreaterThan(1.8);
    expect(average(losses.slice(-5))).toBeLessThan(1.2);
  });

  it('a recurrent cell that has to remember', async () => {
    const [units, times, items] = [12, 6, 32];
    const recall = (weights: Weights, x: Tensor) => {
      const [kernel, bias, out] = weights as [Tensor2D, tf.Tensor1D, Tensor2D];
      let cell = tf.zeros([items, units]) as Tensor2D;
      let hidden = tf.zeros([items, units]) as Tensor2D;
      for (const moment of tf.unstack(x, 1)) {
        const forget = tf.scalar(1);
        const input = moment as Tensor2D;
        [cell, hidden] = tf.basicLSTMCell(forget, kernel, bias, input, cell, hidden);
      }
      return tf.matMul(hidden, out);
    };
    const loss: Loss = (weights, x, y) => tf.mean(tf.squaredDifference(recall(weights, x), y));

    const batches = Array.from({ length: 120 }, (): Batch => {
      const x = normal(items, times, 1);
      return [x, tf.sign(tf.reshape(tf.slice(x, [0, 0, 0], [items, 1, 1]), [items, 1]))];
    });
    const weights = [
      tf.mul(normal(1 + units, 4 * units), 0.3),
      tf.zeros([4 * units]),
      tf.mul(normal(units, 1), 0.3),
    ];
    const losses = await expectSameTraining(loss, weights, batches);
    // A guess without memory errs by 1.
    expect(losses[0]).toBeGreaterThan(0.8);
    expect(average(losses.slice(-10))).toBeLessThan(0.5);
  });
});

describe('compile', () => {
  it('shares a backend, and each function is disposed for itself', async () => {
    const [double, half] = [
      compile((x: Tensor) => tf.mul(x, 2)),
      compile((x: Tensor) => tf.div(x, 2)),
    ];
    const x = tf.tensor1d([3]);
    expect(Array.from(await (await double(x)).data())).toEqual([6]);
    await double.dispose();
    await double.dispose();
    expect(Array.from(await (await half(x)).data())).toEqual([1.5]);
    await expect(double(x)).rejects.toThrow(/after it was disposed/);
    await half.dispose();
    // Another one, after the last of the first was disposed.
    const again = compile((t: Tensor) => tf.neg(t));
    expect(Array.from(await (await again(x)).data())).toEqual([-3]);
    await again.dispose();
  });

  it('takes the options of the backend', () => {
    expect(() => compile((x: Tensor) => x, { threads: 0 })).toThrow(/threads/);
  });
});
