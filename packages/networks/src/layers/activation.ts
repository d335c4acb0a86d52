import {
  add,
  elu,
  erf,
  leakyRelu,
  mul,
  relu,
  softplus,
  type Tensor,
  tanh,
} from '@tensorflow/tfjs-core';
import { silu } from '@tweedie/autodiff';

/** x·Φ(x), exact. Hendrycks & Gimpel, "Gaussian error linear units" (2016). */
function gelu(x: Tensor): Tensor {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

const activations = {
  silu,
  tanh,
  softplus,
  relu,
  gelu,
  elu,
  leakyRelu: (x: Tensor) => leakyRelu(x, 0.2),
} satisfies Record<string, (x: Tensor) => Tensor>;

export type Activation = keyof typeof activations;
export const activationNames = [
  'silu',
  'tanh',
  'softplus',
  'relu',
  'gelu',
  'elu',
  'leakyRelu',
] as const;

/** Applies an activation by its name. */
export function activate(name: Activation, x: Tensor): Tensor {
  return activations[name](x);
}
