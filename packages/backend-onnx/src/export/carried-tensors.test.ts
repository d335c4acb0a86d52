import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { normal } from '../agreement.testing.js';
import { exportIteration, type Iteration } from './export-iteration.js';

beforeAll(() => tf.setBackend('cpu'));

const weights = normal(3, 3);
/** Stands for a network: x and a number to a tensor of x's shape. */
const network = (x: Tensor, scale: Tensor) => tf.tanh(tf.mul(tf.matMul(x, weights), scale));
const shape = [2, 3];
const names = { state: 'x', draws: 'noise', index: 'step', outputs: ['next'] };
const shared: Iteration['shared'] = {
  fn: network,
  argumentTypes: [
    { type: 'float32', shape },
    { type: 'float32', shape: [] },
  ],
};

/**
 * Adams-Bashforth of order three for dx/dt = network(x, scale): the first steps, which have no history
 * yet, are of order one and two. Carries x, then the slopes of the two steps before.
 */
const weightsOfSlopes = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12]];
const multistep = (scales: readonly number[], size: number): Iteration => ({
  steps: scales.length,
  stateShape: shape,
  shared,
  step({ index, carried: [x, ...history], shared }) {
    const slopes = [shared(x!, tf.scalar(scales[index]!)), ...history];
    const order = weightsOfSlopes[slopes.length - 1]!;
    const terms = slopes.map((slope, i) => tf.mul(slope, order[i]! * size));
    const next = tf.add(x!, tf.addN(terms));
    return { carried: [next, ...slopes.slice(0, 2)], outputs: [slopes[0]!] };
  },
});

/** The same in plain numbers: the states after each step, and the slopes. */
function multistepped(scales: readonly number[], size: number, start: readonly number[]) {
  const w = [...weights.dataSync()];
  const history: number[][] = [];
  let x = [...start];
  return scales.map((scale) => {
    const slope = x.map((_, i) => {
      const row = 3 * Math.floor(i / 3);
      const dot = [0, 1, 2].reduce((sum, k) => sum + x[row + k]! * w[3 * k + (i % 3)]!, 0);
      return Math.tanh(dot * scale);
    });
    history.unshift(slope);
    const order = weightsOfSlopes[Math.min(history.length, 3) - 1]!;
    x = x.map((value, i) => order.reduce((sum, c, k) => sum + c * size * history[k]![i]!, value));
    return { x, slope };
  });
}

const floats = (data: ArrayLike<number>, dims: readonly number[] = shape) =>
  new ort.Tensor('float32', Float32Array.from(data), dims);

function expectNumbers(actual: ort.Tensor | undefined, expected: readonly number[]): void {
  expect(actual!.dims).toEqual(shape);
  // Single precision of numbers about 1, over a few steps.
  for (const [i, x] of expected.entries()) expect(actual!.data[i]).toBeCloseTo(x, 5);
}

describe('an iteration that carries more than its state', () => {
  const scales = [1, 0.7, 0.9, 0.4, 1.1, 0.8];
  const start = [...normal(...shape).dataSync()];
  const expected = multistepped(scales, 0.2, start);

  it('is a loop whose history grows in the first steps', async () => {
    for (const count of [1, 2, 3, 6]) {
      const { model, kinds, carried } = await exportIteration(
        multistep(scales.slice(0, count), 0.2),
        { form: 'loop', names },
      );
      expect(kinds).toBe(Math.min(count, 3));
      expect(carried).toEqual(
        Array.from({ length: Math.min(count + 1, 3) }, () => ({ type: 'float32', shape })),
      );
      const session = await ort.InferenceSession.create(model);
      expect([session.inputNames, session.outputNames]).toEqual([['x'], ['next']]);
      const { next } = await session.run({ x: floats(start) });
      expectNumbers(next, expected[count - 1]!.x);
    }
  });

  it('is a step with an input and an output for each of them', async () => {
    const { model } = await exportIteration(multistep(scales, 0.2), {
      form: 'step',
      names: {
        ...names,
        outputs: ['next', 'slope'],
        carried: (slot) => ({ input: `slope_${slot}_before`, output: `slope_${slot}_next` }),
      },
    });
    const session = await ort.InferenceSession.create(model);
    expect([...session.inputNames].sort()).toEqual([
      'slope_1_before',
      'slope_2_before',
      'step',
      'x',
    ]);
    expect(session.outputNames).toEqual(['next', 'slope_1_next', 'slope_2_next', 'slope']);
    let feeds = { x: floats(start), a: floats(Array(6).fill(0)), b: floats(Array(6).fill(0)) };
    for (const [index, { x, slope }] of expected.entries()) {
      const results = await session.run({
        x: feeds.x,
        slope_1_before: feeds.a,
        slope_2_before: feeds.b,
        step: new ort.Tensor('int64', BigInt64Array.of(BigInt(index)), []),
      });
      expectNumbers(results.next, x);
      expectNumbers(results.slope, slope);
      expectNumbers(results.slope_1_next, slope);
      expectNumbers(results.slope_2_next, expected[index - 1]?.slope ?? Array(6).fill(0));
      feeds = {
        x: results.next as ort.TypedTensor<'float32'>,
        a: results.slope_1_next as ort.TypedTensor<'float32'>,
        b: results.slope_2_next as ort.TypedTensor<'float32'>,
      };
    }
  });

  it('may stop carrying, and carries any type and shape', async () => {
    const counting: Iteration = {
      ...multistep([], 1),
      steps: 4,
      // Counts the steps since it last forgot; step 1 forgets.
      step({ index, carried: [x, count, flag] }) {
        const seen = count === undefined ? 0 : tf.cast(count, 'float32');
        const next = tf.add(x!, tf.add(seen, flag === undefined ? 0 : tf.cast(flag, 'float32')));
        if (index === 1) return { carried: [next], outputs: [] };
        const one = tf.tensor1d([1], 'int32');
        const counted = count === undefined ? one : tf.add(count, one);
        return { carried: [next, counted, tf.greater(counted, 0)], outputs: [] };
      },
    };
    const { model, carried } = await exportIteration(counting, { form: 'loop', names });
    expect(carried.slice(1)).toEqual([
      { type: 'int32', shape: [1] },
      { type: 'bool', shape: [1] },
    ]);
    const session = await ort.InferenceSession.create(model);
    const { next } = await session.run({ x: floats(start) });
    // Added: nothing, 1 + true, nothing (forgotten), 1 + true.
    expectNumbers(
      next,
      start.map((x) => x + 4),
    );
  });

  it('shares one graph among steps that do not use what they are given', async () => {
    const first: Iteration = {
      ...multistep([], 1),
      steps: 5,
      step: ({ index, carried: [x] }) => {
        const next = tf.mul(x!, 0.5 + index);
        return { carried: [next, x!], outputs: [] };
      },
    };
    expect((await exportIteration(first, { form: 'loop', names })).kinds).toBe(1);
  });
});
