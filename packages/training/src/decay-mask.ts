import type { ParameterLayout } from '@tweedie/autodiff';
import { sizeOf } from '@tweedie/core';

/**
 * Where weight decay acts: 1 for the numbers of parameters with two axes or more, 0 for the others,
 * [P]. It is for matrices and filters. Scales of norms and biases are not what makes a function
 * rough, and the random frequencies of an embedding are not to change at all.
 */
export function decayMask(layout: ParameterLayout): Float32Array {
  const mask = new Float32Array(layout.size);
  let at = 0;
  for (const name of layout.names) {
    const shape = layout.shapes[name]!;
    const end = at + sizeOf(shape);
    if (shape.length >= 2) mask.fill(1, at, end);
    at = end;
  }
  return mask;
}
