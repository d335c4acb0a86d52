import { add, engine, mul, sum, type Tensor, zerosLike } from '@tensorflow/tfjs-core';

/**
 * The gradient of a kernel with several outputs by differentiating its decomposition: what the
 * gradient of a composite's gradient is made of. May be called while tfjs runs a backward pass.
 *
 * @param weights what flows back into each output
 * @returns one gradient an input, zeros where no output depends on it
 */
export function differentiate(
  decompose: (inputs: readonly Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  weights: readonly Tensor[],
): Tensor[] {
  const { state } = engine();
  // tfjs clears its tape when the outermost `gradients` ends, and inside a backward pass it takes
  // this call for the outermost one; the tape that it clears is then still being walked.
  const tape = state.activeTape;
  try {
    const { grads } = engine().gradients(
      () =>
        decompose(inputs)
          .map((part, i) => sum(mul(part, weights[i]!)))
          .reduce((a, b) => add(a, b)),
      [...inputs],
      undefined,
      true,
    );
    return inputs.map((input, i) => grads[i] ?? zerosLike(input));
  } finally {
    state.activeTape = tape;
  }
}
