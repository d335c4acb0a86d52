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
