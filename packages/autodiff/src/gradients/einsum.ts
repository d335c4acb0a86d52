import {
  einsum,
  type GradConfig,
  reshape,
  sum,
  type Tensor,
  transpose,
} from '@tensorflow/tfjs-core';
import { asFloat } from '../tape/as-float.js';
import { listGradient } from '../tape/gradient.js';
import { spread } from './broadcasting.js';

/** A tensor with a letter for each axis. */
interface Term {
  readonly indices: readonly string[];
  readonly tensor: Tensor;
}

/**
 * tfjs's einsum: one or two operands, no index twice in one of them. The gradient of an operand is
 * the einsum of dy and the other operand onto its indices, constant along those that it alone has.
 */
export const einsumGradients: readonly GradConfig[] = [
  listGradient('Einsum', (dy, inputs, { equation }: { equation: string }) => {
    const [left, right] = equation.replaceAll(/\s/g, '').split('->') as [string, string];
    const terms = left
      .split(',')
      .map((term, i): Term => ({ indices: [...term], tensor: asFloat(inputs[i]!) }));
    const outer: Term = { indices: [...right], tensor: dy };
    return (i) => {
      const { indices, tensor } = terms[i]!;
      const other = terms[1 - i];
      const known = new Set([...outer.indices, ...(other?.indices ?? [])]);
      const kept = indices.filter((index) => known.has(index));
      const alone = indices.flatMap((index, axis) => (known.has(index) ? [] : [axis]));
      const onto =
        other === undefined
          ? transpose(
              dy,
              kept.map((index) => right.indexOf(index)),
            )
          : contract(outer, summedOver(other, [...indices, ...outer.indices]), kept);
      return alone.length === 0 ? reshape(onto, tensor.shape) : spread(onto, tensor.shape, alone);
    };
  }),
];

const contract = (a: Term, b: Term, output: readonly string[]) =>
  einsum(`${a.indices.join('')},${b.indices.join('')}->${output.join('')}`, a.tensor, b.tensor);

/**
 * The term without the indices that stand nowhere else; tfjs forgets the second operand where an
 * index is summed that only the first has.
 */
function summedOver({ indices, tensor }: Term, elsewhere: readonly string[]): Term {
  const axes = indices.flatMap((index, axis) => (elsewhere.includes(index) ? [] : [axis]));
  if (axes.length === 0) return { indices, tensor };
  return {
    indices: indices.filter((index) => elsewhere.includes(index)),
    tensor: sum(tensor, axes),
  };
}
