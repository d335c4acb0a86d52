import { addN, type GradConfig, mul, sum, type Tensor } from '@tensorflow/tfjs-core';
import { gradientsOf } from '../tape/gradients-of.js';
import type { Composite } from './composite.js';

/**
 * The gradient of a composite with several outputs, by differentiating its decomposition. For the
 * kernels that are first derivatives themselves: second order is rare, and plain formulas of it are
 * long.
 */
export function gradientByDecomposition<Inputs extends object, Attributes extends object>(
  { kernelName, decompose }: Composite<Inputs, Attributes, readonly Tensor[]>,
  names: readonly (keyof Inputs & string)[],
): GradConfig {
  return {
    kernelName,
    inputsToSave: [...names],
    gradFunc: (outer, saved, attributes) => {
      const inputs = Object.fromEntries(names.map((name, i) => [name, saved[i]!]));
      const weights = outer as Tensor[];
      const { grads } = gradientsOf(() => {
        const outputs = decompose(inputs as Inputs, attributes as Attributes);
        return addN(outputs.map((output, i) => sum(mul(output, weights[i]!))));
      }, saved);
      return Object.fromEntries(names.map((name, i) => [name, () => grads[i]!]));
    },
  };
}
