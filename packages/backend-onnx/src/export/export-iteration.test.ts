import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { normal } from '../agreement.testing.js';
import { exportIteration, type Iteration, type IterationOptions } from './export-iteration.js';

beforeAll(() => tf.setBackend('cpu'));

const feed = (x: Tensor) => new ort.Tensor('float32', x.dataSync<'float32'>().slice(), x.shape);
const weights = normal(3, 3);
/** Stands for a network: x and a number to a tensor of x's shape. */
const network = (x: Tensor, scale: Tensor) => tf.tanh(tf.mul(tf.matMul(x, weights), scale));
const shape = [2, 3];
const names = { state: 'x', draws: 'noise', index: 'step', outputs: ['next'] };

interface Numbers {
  readonly keep: number;
  readonly scale: number;
  readonly noise: number;
}

/** x ← keep·x + network(x, scale) + noise·z, without the draw where its factor is 0. */
const walk = (numbers: readonly Numbers[]): Iteration => ({
  steps: numbers.length,
  stateShape: shape,
  shared: {
    fn: network,
    argumentTypes: [
      { type: 'float32', shape },
      { type: 'float32', shape: [] },
    ],
  },
  async step({ index, carried, draw, shared }) {
    const state = carried[0]!;
    const { keep, scale, noise } = numbers[index]!;
    const change = shared(state, tf.scalar(scale));
    await Promise.resolve();
    const next = tf.add(tf.mul(state, keep), change);
    const noised = noise === 0 ? next : tf.add(next, tf.mul(draw(), noise));
    return { carried: [noised], outputs: [change] };
  },
});

function walked(numbers: readonly Numbers[], start: Tensor, draws: readonly Tensor[]): Tensor {
  let drawn = 0;
  return numbers.reduce<Tensor>((x, { keep, scale, noise }) => {
    const next = tf.add(tf.mul(x, keep), network(x, tf.scalar(scale)));
    return noise === 0 ? next : tf.add(next, tf.mul(draws[drawn++]!, noise));
  }, start);
}

const loop: IterationOptions = { form: 'loop', names, startScale: 2 };
const step: IterationOptions = { form: 'step', names: { ...names, outputs: ['next', 'change'] } };

function expectClose(actual: ort.Tensor | undefined, expected: Tensor): void {
  expect(actual!.dims).toEqual(expected.shape);
  const numbers = expected.dataSync();
  // Single precision of numbers about 1, over up to eight steps.
  for (const [i, x] of numbers.entries()) expect(actual!.data[i]).toBeCloseTo(x, 5);
}

const numbersOf = fc.record({
  keep: fc.constantFrom(0, 0.5, 1, -0.25),
  scale: fc.constantFrom(0, 0.5, 1),
  noise: fc.constantFrom(0, 0, 0.3, 1),
});

/**
 * Adams-Bashforth of order three for dx/dt = network(x, scale): the first steps, which have no history
 * yet, are of order one and two. Carries x, then the slopes of the two steps before.
 */
const weightsOfSlopes = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12]];
const multistep = (scales: readonly number[], size: number): Iteration => ({
  steps: scales.length,
  stateShape: shape,
  shared: walk([]).shared,
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

describe('exportIteration', () => {
  it('is the iteration, as a loop and step by step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(numbersOf, { minLength: 1, maxLength: 8 }), async (numbers) => {
        const iteration = walk(numbers);
        const start = normal(...shape);
        const draws = numbers.filter(({ noise }) => noise !== 0).map(() => normal(...shape));
        const whole = await exportIteration(iteration, loop);
        expect(whole.draws.total).toBe(draws.length);
        const session = await ort.InferenceSession.create(whole.model);
        const noise = draws.length === 0 ? {} : { noise: feed(tf.stack(draws)) };
        const { next } = await session.run({ x: feed(start), ...noise });
        expectClose(next, walked(numbers, tf.mul(start, 2), draws));

        const single = await exportIteration(iteration, step);
        const stepping = await ort.InferenceSession.create(single.model);
        let x = feed(start);
        let drawn = 0;
        for (const [index, { noise }] of numbers.entries()) {
          const given: Record<string, ort.Tensor> = {
            x,
            step: new ort.Tensor('int64', BigInt64Array.of(BigInt(index)), []),
            noise: feed(noise === 0 ? normal(...shape) : draws[drawn++]!),
          };
          const known = Object.entries(given).filter(([name]) =>
            stepping.inputNames.includes(name),
          );
          const results = await stepping.run(Object.fromEntries(known));
          const before = tf.tensor(x.data as Float32Array, shape);
          expectClose(results.change, network(before, tf.scalar(numbers[index]!.scale)));
          x = results.next as typeof x;
        }
        expectClose(x, walked(numbers, start, draws));
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  it('does not grow with the steps, and holds weights once', async () => {
    const steps = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        keep: 0.8 + i / 1000,
        scale: 0.3 + i / 1000,
        noise: i < count - 1 ? 0.1 + i / 1000 : 0,
      }));
    const few = await exportIteration(walk(steps(10)), loop);
    const many = await exportIteration(walk(steps(110)), loop);
    expect([few.kinds, many.kinds]).toEqual([2, 2]);
    // Of tables: three numbers, the place of a draw and the kind, for each of a hundred steps.
    expect(many.model.length - few.model.length).toBeLessThan(100 * (3 * 4 + 8 + 1) + 64);
    const bytes = Buffer.from(new Uint8Array(weights.dataSync<'float32'>().slice().buffer));
    const found = Buffer.from(many.model);
    const first = found.indexOf(bytes);
    expect(first).toBeGreaterThan(0);
    expect(found.indexOf(bytes, first + 1)).toBe(-1);
  });

  it('has further inputs, and leaves out what is not used', async () => {
    const iteration: Iteration = {
      ...walk([]),
      steps: 3,
      inputs: { label: { type: 'int32', shape: [2] }, unused: { type: 'float32', shape: [7] } },
      step: ({ carried, inputs }) => {
        const label = tf.reshape(tf.cast(inputs.label!, 'float32'), [2, 1]);
        return { carried: [tf.add(carried[0]!, label)], outputs: [] };
      },
    };
    const { model } = await exportIteration(iteration, { form: 'loop', names });
    const session = await ort.InferenceSession.create(model);
    expect([...session.inputNames].sort()).toEqual(['label', 'x']);
    const x = normal(...shape);
    const label = new ort.Tensor('int32', Int32Array.of(1, -2), [2]);
    const { next } = await session.run({ x: feed(x), label });
    expectClose(next, tf.add(x, tf.tensor2d([3, -6], [2, 1])));
  });

  it('refuses what is no function of the inputs', async () => {
    const refused = (change: Partial<Iteration>, options = loop) =>
      expect(exportIteration({ ...walk([{ keep: 1, scale: 1, noise: 1 }]), ...change }, options))
        .rejects;
    const next = (...carried: Tensor[]) => ({ carried, outputs: [] });
    await refused({
      step: async ({ carried }) => {
        await carried[0]!.data();
        return next(carried[0]!);
      },
    }).toThrow(/reads the values/);
    await refused({
      step: async ({ carried }) => next(tf.mul(carried[0]!, Math.random())),
    }).toThrow(/twice/);
    await refused({
      step: async ({ carried }) => {
        await new Promise((done) => setTimeout(done, 1));
        return next(carried[0]!);
      },
    }).toThrow(/waits for something that is no tensor/);
    await refused({
      step: ({ carried, shared }) => {
        let x = carried[0]!;
        for (let i = 0; i < 17; i++) x = shared(x, tf.scalar(1));
        return next(x);
      },
    }).toThrow(/more than 16 times/);
    await refused({ step: ({ carried }) => next(tf.sum(carried[0]!)) }).toThrow(
      /step 0 returns a state of float32\[\], where the iteration has float32\[2,3\]/,
    );
    await refused({
      steps: 3,
      step: ({ index, carried: [x] }) => next(x!, index === 2 ? tf.cast(x!, 'int32') : x!),
    }).toThrow(
      /step 2 returns as carried\[1\] a tensor of int32\[2,3\], where step 0 returns float32\[2,3\]/,
    );
    await refused({
      steps: 2,
      step: ({ index, carried: [x] }) => ({ carried: [x!], outputs: index === 0 ? [] : [x!] }),
    }).toThrow(/steps 0 and 1 have outputs '' and 'float32\[2,3\]'/);
    await refused({}, { form: 'step', names: { ...names, outputs: ['next', 'step'] } }).toThrow(
      /called 'step'/,
    );
    await refused({ steps: 0 }).toThrow(/0 steps/);
    await refused({ step: () => next() }).toThrow(/step 0 returns no state/);
    await refused({}, { form: 'step', names }).toThrow(/names of outputs are next/);
    await refused({}, { form: 'loop', names: { ...names, draws: 'x' } }).toThrow(/called 'x'/);
    expect(tf.getBackend()).toBe('cpu');
  });

  it('leaves no tensor behind', async () => {
    const numbers = [
      { keep: 1, scale: 1, noise: 1 },
      { keep: 0.5, scale: 1, noise: 0 },
    ];
    await exportIteration(walk(numbers), loop);
    const before = tf.memory().numTensors;
    await exportIteration(walk(numbers), step);
    expect(tf.memory().numTensors).toBe(before);
  });
});
