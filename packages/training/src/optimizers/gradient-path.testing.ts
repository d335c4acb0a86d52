import { scalar, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Optimizer, OptimizerSlots } from '@tweedie/core';
import { expect } from 'vitest';

/** Where the recorded steps of PyTorch's optimizers begin, and the gradients that they were given. */
export const start = [1, -0.5, 2];
export const gradients = [
  [0.5, -2, 1e-9],
  [0.25, 3, 0],
  [-1, 0.125, -1e-9],
];

/** The parameters after each step along given gradients, from zero slots, and the last slots. */
export function followGradients(
  optimizer: Optimizer,
  learningRate: number,
  from: readonly number[],
  along: readonly (readonly number[])[],
  mask: readonly number[] = from.map(() => 1),
) {
  const path: number[][] = [];
  let last: Record<string, number[]> = {};
  tidy(() => {
    let params: Tensor1D = tensor1d([...from]);
    let slots: OptimizerSlots = Object.fromEntries(
      optimizer.slots.map((name) => [name, tensor1d(from.map(() => 0))]),
    );
    along.forEach((gradient, i) => {
      const numbers = Object.entries(optimizer.scalars(i + 1, learningRate));
      const updated = optimizer.update({
        params,
        gradient: tensor1d([...gradient]),
        slots,
        decayMask: tensor1d([...mask]),
        scalars: Object.fromEntries(numbers.map(([name, value]) => [name, scalar(value)])),
      });
      params = updated.params;
      slots = updated.slots;
      path.push([...params.dataSync()]);
    });
    last = Object.fromEntries(
      Object.entries(slots).map(([name, slot]) => [name, [...slot.dataSync()]]),
    );
  });
  return { path, slots: last as Readonly<Record<string, readonly number[]>> };
}

/** Numbers that agree to a relative error. */
export function expectClose(
  actual: readonly number[],
  expected: readonly number[],
  relative: number,
): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(relative * Math.abs(value));
  });
}
