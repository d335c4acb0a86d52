import { memory, setBackend, type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDeviceState } from './device-state.js';
import type { StepRun } from './step-runner.js';
import { backend } from './train.testing.js';
import type { TrainingTensors } from './training-step.js';

beforeAll(() => setBackend(backend.tensorBackend).then(() => undefined));

/** A state whose numbers are those of a step. */
const vectorsAt = (step: number) => ({
  params: Float32Array.of(step, -step),
  ema: Float32Array.of(step / 2, 0),
  slots: { mean: Float32Array.of(10 * step, 0) },
});
const tensorsAt = (step: number): TrainingTensors => {
  const { params, ema, slots } = vectorsAt(step);
  const vector = (values: Float32Array) => tensor1d(values) as Tensor1D;
  return { params: vector(params), ema: vector(ema), slots: { mean: vector(slots.mean) } };
};
/** A run of the steps after `before`. */
const runFrom = (before: number, count: number): StepRun => ({
  state: tensorsAt(before + count),
  metrics: Array.from({ length: count }, (_, i) => ({ loss: before + i + 1, gradientNorm: 0 })),
});
const never = () => Promise.reject(new Error('nothing is to be computed'));

describe('the state on the device', () => {
  it('is in plain memory until it is computed with', async () => {
    await expectNoLeak(async () => {
      const before = memory().numTensors;
      const state = createDeviceState(vectorsAt(3), 3);
      expect(await state.vectors()).toEqual(vectorsAt(3));
      expect(await state.vector('ema')).toEqual(vectorsAt(3).ema);
      expect(memory().numTensors).toBe(before);
      state.tensors();
      expect(state.tensors()).toBe(state.tensors());
      expect(memory().numTensors).toBe(before + 3);
      expect(await state.vectors()).toEqual(vectorsAt(3));
      state.dispose();
    });
  });

  it('moves to the end of a run when its last step is reported', async () => {
    await expectNoLeak(async () => {
      const state = createDeviceState(vectorsAt(0), 0);
      state.tensors();
      expect(state.next).toBeUndefined();
      state.computed(runFrom(0, 3), 0.25);
      for (const step of [1, 2, 3]) {
        expect(state.next).toEqual({ metrics: { loss: step, gradientNorm: 0 }, seconds: 0.25 });
        state.report();
        expect(state.step).toBe(step);
      }
      expect(state.next).toBeUndefined();
      await state.rewind(never);
      expect(await state.vectors()).toEqual(vectorsAt(3));
      state.dispose();
    });
  });

  it.each([0, 1, 2])('rewinds to the step reported last, %i of the run', async (reported) => {
    await expectNoLeak(async () => {
      const state = createDeviceState(vectorsAt(5), 5);
      state.tensors();
      state.computed(runFrom(5, 3), 1);
      for (let i = 0; i < reported; i++) state.report();
      const again: number[] = [];
      await state.rewind(async (step) => {
        expect((await state.vectors()).params[0]).toBe(step - 1);
        again.push(step);
        return runFrom(step - 1, 1);
      });
      expect(again).toEqual([6, 7].slice(0, reported));
      expect([state.step, state.next]).toEqual([5 + reported, undefined]);
      expect(await state.vectors()).toEqual(vectorsAt(5 + reported));
      state.dispose();
    });
  });

  it('is that of the last step that could be computed again, where one could not', async () => {
    const state = createDeviceState(vectorsAt(0), 0);
    state.tensors();
    state.computed(runFrom(0, 4), 1);
    for (let i = 0; i < 3; i++) state.report();
    await expect(
      state.rewind((step) => (step === 3 ? never() : Promise.resolve(runFrom(step - 1, 1)))),
    ).rejects.toThrow('nothing is to be computed');
    expect(state.step).toBe(2);
    expect(await state.vectors()).toEqual(vectorsAt(2));
    state.dispose();
  });

  it('is gone once it is disposed', async () => {
    await expectNoLeak(async () => {
      const state = createDeviceState(vectorsAt(0), 0);
      state.tensors();
      state.computed(runFrom(0, 2), 1);
      state.dispose();
      state.dispose();
      expect(() => state.tensors()).toThrow('the training run was disposed');
      await expect(state.vectors()).rejects.toThrow('the training run was disposed');
      await expect(state.vector('params')).rejects.toThrow('the training run was disposed');
      await state.rewind(never);
    });
  });
});
