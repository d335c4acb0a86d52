import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { asFloat } from './as-float.js';

type NamedGradients = Readonly<Record<string, () => Tensor>>;

/**
 * The gradient of a kernel with one output, as functions of its INPUTS. tfjs's own gradients that
 * save an output (exp, sigmoid, tanh, softmax, max, …) are wrong to second order: the saved copy is
 * put on the tape before the node that made it, so its dependence on the input is lost
 * (tensorflow/tfjs#3252).
 *
 * @param names the kernel's inputs, all of which are saved
 * @param back what flows back into each input; never dy itself, which tfjs would dispose
 */
export function gradient<const Names extends readonly string[], Attributes>(
  kernelName: string,
  names: Names,
  back: (
    dy: Tensor,
    inputs: { readonly [Key in keyof Names]: Tensor },
    attributes: Attributes,
  ) => NamedGradients,
): GradConfig {
  return {
    kernelName,
    inputsToSave: [...names],
    gradFunc: (dy, saved, attributes) => back(dy as Tensor, saved as never, attributes as never),
  };
}

/** The same for a kernel that takes a list of tensors; `back` is asked for each of them. */
export function listGradient<Attributes>(
  kernelName: string,
  back: (dy: Tensor, inputs: readonly Tensor[], attributes: Attributes) => (i: number) => Tensor,
): GradConfig {
  return {
    kernelName,
    saveAllInputs: true,
    gradFunc: (dy, saved, attributes) => {
      const part = back(dy as Tensor, saved, attributes as never);
      return Object.fromEntries(saved.map((_, i) => [i, () => part(i)]));
    },
  };
}

/** The same for a kernel that splits one input into a list of outputs, linearly. */
export function splittingGradient<Attributes>(
  kernelName: string,
  input: string,
  back: (dys: Tensor[], attributes: Attributes) => Tensor,
): GradConfig {
  return {
    kernelName,
    gradFunc: (dy, _saved, attributes) => ({
      // tfjs passes a list of one as the tensor itself, and for an output of whole numbers that nothing
      // depends on, zeros of that type.
      [input]: () => {
        const dys = Array.isArray(dy) ? dy : [dy];
        return back(dys.map(asFloat), attributes as never);
      },
    }),
  };
}
