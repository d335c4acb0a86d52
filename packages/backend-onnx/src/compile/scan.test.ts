import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { conv2d, disposeTree, valueAndGrad } from '@tweedie/autodiff';
import { type Params, TweedieError } from '@tweedie/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normal } from '../agreement.testing.js';
import { onnxBackend } from '../backend.js';

beforeAll(() => tf.setBackend('cpu'));
const backend = onnxBackend({ threads: 1 });
afterAll(() => backend.dispose());

interface State {
  readonly w: tf.Tensor;
  readonly velocity: tf.Tensor;
}
interface Inputs {
  readonly x: tf.Tensor;
  readonly rate: tf.Tensor;
}

const lossAndGradient = valueAndGrad(({ w }: Params, x: tf.Tensor) =>
  tf.mean(tf.square(tf.sub(tf.tanh(tf.matMul(x, w!)), 0.5))),
);

/** Gradient descent with momentum. */
function descend({ w, velocity }: State, { x, rate }: Inputs) {
  const { value, grads } = lossAndGradient({ w }, x);
  const next = tf.add(tf.mul(velocity, 0.9), grads.w!);
  return { carry: { w: tf.sub(w, tf.mul(next, rate)), velocity: next }, outputs: { loss: value } };
}

async function stepByStep(step: typeof descend, state: State, inputs: Inputs, steps: number) {
  const compiled = backend.compile(step);
  const losses: number[] = [];
  let current = state;
  for (let i = 0; i < steps; i++) {
    const entry = { x: tf.gather(inputs.x, i), rate: tf.gather(inputs.rate, i) };
    const { carry, outputs } = await compiled(current, entry);
    disposeTree(entry);
    if (current !== state) disposeTree(current);
    losses.push(outputs.loss.dataSync()[0]!);
    outputs.loss.dispose();
    current = carry;
  }
  await compiled.dispose();
  return { state: current, losses };
}

const image = { w: normal(16, 16, 3, 3), velocity: tf.zeros([16, 16, 3, 3]) };
/** With blocked convolutions, whose gradients sum in an order of their own. */
const convolve = (state: State, { x, rate }: Inputs) => {
  const loss = valueAndGrad(({ w }: Params) =>
    tf.mean(tf.square(conv2d(x, w!, undefined, { padding: 1 }))),
  );
  const { value, grads } = loss({ w: state.w });
  const w = tf.sub(state.w, tf.mul(grads.w!, rate));
  return { carry: { w, velocity: grads.w! }, outputs: { loss: value } };
};

describe('scan', () => {
  it.each<[string, typeof descend, State, number[]]>([
    ['of a product', descend, { w: normal(3, 2), velocity: tf.zeros([3, 2]) }, [7, 3]],
    ['of a convolution', convolve, image, [16, 5, 5, 16]],
  ])('%s is the same step by step, bit for bit', async (_name, step, state, shape) => {
    const scanned = backend.capabilities.scan!(step);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), async (steps) => {
        const before = tf.memory().numTensors;
        const inputs = {
          x: normal(steps, ...shape),
          rate: tf.tidy(() => tf.mul(normal(steps), 0.1)),
        };
        const { carry, outputs } = await scanned(state, inputs);
        const expected = await stepByStep(step, state, inputs, steps);
        expect(Array.from(outputs.loss.dataSync())).toEqual(expected.losses);
        for (const name of ['w', 'velocity'] as const) {
          expect(carry[name].dataSync()).toEqual(expected.state[name].dataSync());
        }
        disposeTree([inputs, carry, outputs, expected.state]);
        expect(tf.memory().numTensors).toBe(before);
      }),
      { numRuns: 4, seed: 1 },
    );
    await scanned.dispose();
  });

  it.each([
    ['the native library', backend],
    ['WebAssembly', onnxBackend({ device: 'wasm', threads: 1 })],
  ])('takes inputs that a step does not use, and closes over tensors: %s', async (_name, on) => {
    const factor = tf.tensor1d([2, 3]);
    const scanned = on.capabilities.scan!((total: tf.Tensor, { x }: Inputs) => {
      const next = tf.add(total, tf.mul(x, factor));
      return { carry: next, outputs: next };
    });
    const inputs = { x: tf.ones([3, 2]), rate: tf.zeros([3]) };
    const { carry, outputs } = await scanned(tf.zeros([2]), inputs);
    expect(Array.from((carry as tf.Tensor).dataSync())).toEqual([6, 9]);
    expect((outputs as tf.Tensor).arraySync()).toEqual([
      [2, 3],
      [4, 6],
      [6, 9],
    ]);
    await scanned.dispose();
  });

  const refused = (state: State, inputs: Inputs, step: typeof descend = descend) =>
    expect(backend.capabilities.scan!(step)(state, inputs)).rejects;
  const state = { w: tf.ones([3, 2]), velocity: tf.zeros([3, 2]) };

  it('refuses inputs of different numbers of steps', async () => {
    const inputs = { x: tf.ones([4, 7, 3]), rate: tf.ones([5]) };
    await refused(state, inputs).toThrow(TweedieError);
    await refused(state, inputs).toThrow(/float32\[5\] float32\[4, 7, 3\]|an entry for each step/);
    await refused(state, { x: tf.ones([7, 3]), rate: tf.scalar(1) }).toThrow(
      /an entry for each step/,
    );
  });

  it('refuses a step that leaves another state than it takes', async () => {
    const inputs = { x: tf.ones([4, 7, 3]), rate: tf.ones([4]) };
    const narrow = { w: tf.ones([3, 2]), velocity: tf.scalar(0) };
    await refused(narrow, inputs).toThrow(
      /leaves a state of float32\[3, 2\].*was given float32\[\]/,
    );
  });
});
