import '@tensorflow/tfjs-backend-cpu';
import { tensor1d } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type Activation, activate, activationNames } from './activation.js';

// In float64.
const at: Record<Activation, readonly [atMinusOne: number, atTwo: number]> = {
  silu: [-0.2689414213699951, 1.7615941559557649],
  tanh: [-0.7615941559557649, 0.9640275800758169],
  softplus: [0.3132616875182228, 2.1269280110429727],
  relu: [0, 2],
  gelu: [-0.15865525393145705, 1.9544997361036416],
  elu: [-0.6321205588285577, 2],
  leakyRelu: [-0.2, 2],
};

it.each(activationNames)('%s', async (name) => {
  const [atMinusOne, atTwo] = await activate(name, tensor1d([-1, 2])).data();
  expect(atMinusOne).toBeCloseTo(at[name][0], 6);
  expect(atTwo).toBeCloseTo(at[name][1], 6);
});
