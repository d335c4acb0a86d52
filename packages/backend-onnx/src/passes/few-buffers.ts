import type { Computation } from '../ir/computation.js';
import { indices } from '../ir/constant.js';
import { copyOf } from '../ir/copy.js';
import { int, type Value } from '../ir/graph.js';

/** Storage buffers that a shader of any WebGPU device may have (`maxStorageBuffersPerShaderStage`). */
const MOST_BUFFERS = 8;
const MOST_TENSORS = MOST_BUFFERS - 1;

/**
 * A copy of the computation in which no node joins or splits more tensors than a shader of WebGPU
 * can bind: what has more does it in steps.
 */
export function fewBuffers(computation: Computation): Computation {
  return copyOf(computation, ({ operator, inputs, attributes, outputs }, moved) => {
    const axis = attributes.axis?.value as number;
    const values = () => inputs.map((input) => moved(input!));
    if (operator === 'Concat') return [join(values(), axis)];
    if (operator === 'Split') return split(moved(inputs[0]!), outputs, axis);
    return undefined;
  });
}

const total = (tensors: readonly { shape: readonly number[] }[], axis: number): number[] => {
  const shape = [...tensors[0]!.shape];
  shape[axis] = tensors.reduce((sum, tensor) => sum + tensor.shape[axis]!, 0);
  return shape;
};

/** Tensors in their order, in as many groups as one node can bind. */
function groupsOf<T>(tensors: readonly T[]): T[][] {
  const size = Math.ceil(tensors.length / MOST_TENSORS);
  const groups: T[][] = [];
  for (let i = 0; i < tensors.length; i += size) groups.push(tensors.slice(i, i + size));
  return groups;
}

function join(tensors: readonly Value[], axis: number): Value {
  const [first] = tensors as readonly [Value];
  if (tensors.length === 1) return first;
  const joined = groupsOf(tensors).map((group) => join(group, axis));
  const output = { type: first.type, shape: total(tensors, axis) };
  return first.graph.emit('Concat', joined, [output], { axis: int(axis) })[0]!;
}

function split(
  whole: Value,
  tensors: readonly { readonly type: Value['type']; readonly shape: readonly number[] }[],
  axis: number,
): readonly Value[] {
  if (tensors.length === 1) return [whole];
  const groups = groupsOf(tensors);
  const groupTypes = groups.map((group) => ({ type: group[0]!.type, shape: total(group, axis) }));
  const sizes = groupTypes.map(({ shape }) => shape[axis]!);
  const attributes = { axis: int(axis) };
  const { graph } = whole;
  const values = graph.emit('Split', [whole, indices(graph, sizes)], groupTypes, attributes);
  return groups.flatMap((group, i) => split(values[i]!, group, axis));
}
