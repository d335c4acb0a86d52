import { onnxBackend } from '@tweedie/backend-onnx';
import type { Backend, Optimizer } from '@tweedie/core';
import { testOptimizer } from '@tweedie/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { backend, finalState, problem } from '../train.testing.js';
import { adam, adamw, optimizers, sgd } from './index.js';

const compiled = onnxBackend({ threads: 1 });
afterAll(() => compiled.dispose());

for (const factory of optimizers) testOptimizer(factory.id, () => factory());

const made: readonly (readonly [string, () => Optimizer])[] = [
  ...optimizers.map((factory) => [factory.id, () => factory()] as const),
  ['adamw with weight decay', () => adamw({ weightDecay: 0.1 })],
  ['adam with an L2 penalty', () => adam({ weightDecay: 0.1 })],
  ["sgd with Nesterov's momentum", () => sgd({ nesterov: true })],
  ['sgd without momentum', () => sgd({ momentum: 0 })],
];

describe.each(made)('training with %s', (_name, make) => {
  const options = { steps: 10, batchSize: 8, learningRate: 0.05, warmupSteps: 2, emaDecay: 0.6 };
  const trained = async (on: Backend, stepsPerRun: number) => {
    const settings = { ...options, stepsPerRun };
    const state = await finalState({
      ...problem,
      backend: on,
      optimizer: make(),
      options: settings,
    });
    const { params, ema, slots } = state;
    return { params, ema, slots };
  };

  it('is compiled what it is eagerly', async () => {
    const [eager, onnx] = [await trained(backend, 1), await trained(compiled, 1)];
    expect(Object.keys(onnx.slots)).toEqual(Object.keys(eager.slots));
    for (const [ours, theirs] of [
      [onnx.params, eager.params],
      [onnx.ema, eager.ema],
      ...Object.keys(eager.slots).map((name) => [onnx.slots[name]!, eager.slots[name]!] as const),
    ] as const) {
      for (const [name, { data }] of Object.entries(theirs)) {
        data.forEach((value, i) => {
          // Both are float32, and sum in other orders.
          expect(Math.abs(ours[name]!.data[i]! - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
        });
      }
    }
  });

  it('is in runs of several steps what it is step by step, bit for bit', async () => {
    expect(await trained(compiled, 4)).toEqual(await trained(compiled, 1));
  });
});
