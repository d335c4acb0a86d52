import { engine, type Tensor, zeros } from '@tensorflow/tfjs-core';

/**
 * tfjs's `gradients`, made safe where tfjs is not: it may be called inside a backward pass, it leaves
 * no tensor behind when `f` throws, and an input that the value does not depend on gets zeros.
 * To be called inside a `tidy`.
 *
 * @param seed what flows back into f's value; ones by default
 */
export function gradientsOf(
  f: () => Tensor,
  inputs: readonly Tensor[],
  seed?: Tensor,
): { value: Tensor; grads: Tensor[] } {
  const { state } = engine();
  // tfjs makes and clears its tape where the nesting depth is zero. It is zero inside a backward
  // pass too, where an older tape is still being walked.
  const outermost = state.gradientDepth === 0;
  const tape = state.activeTape;
  try {
    const { value, grads } = engine().gradients(f, [...inputs], seed, true);
    return { value, grads: inputs.map((input, i) => grads[i] ?? zeros(input.shape)) };
  } catch (error) {
    if (outermost && state.activeTape !== tape) {
      for (const node of state.activeTape) for (const saved of node.saved ?? []) saved.dispose();
    }
    throw error;
  } finally {
    if (outermost) state.activeTape = tape;
  }
}
