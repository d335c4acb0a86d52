import type { Computation } from '../ir/computation.js';
import { indices } from '../ir/constant.js';
import { copyOf } from '../ir/copy.js';
import { int, type Value } from '../ir/graph.js';

/** Storage buffers that a shader of any WebGPU device may have (`maxStorageBuffersPerShaderStage`). */
const MOST_BUFFERS = 8;
const MOST_PARTS = MOST_BUFFERS - 1;

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

const total = (parts: readonly { shape: readonly number[] }[], axis: number): number[] => {
  const shape = [...parts[0]!.shape];
  shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  return shape;
};

/** Parts in their order, in as many groups as one node can bind. */
function groupsOf<T>(parts: readonly T[]): T[][] {
  const size = Math.ceil(parts.length / MOST_PARTS);
  const groups: T[][] = [];
  for (let i = 0; i < parts.length; i += size) groups.push(parts.slice(i, i + size));
  return groups;
}

function join(parts: readonly Value[], axis: number): Value {
  const [first] = parts as readonly [Value];
  if (parts.length === 1) return first;
  const joined = groupsOf(parts).map((group) => join(group, axis));
  const output = { type: first.type, shape: total(parts, axis) };
  return first.graph.emit('Concat', joined, [output], { axis: int(axis) })[0]!;
}

function split(
  whole: Value,
  parts: readonly { readonly type: Value['type']; readonly shape: readonly number[] }[],
  axis: number,
): readonly Value[] {
  if (parts.length === 1) return [whole];
  const groups = groupsOf(parts);
  const pieces = groups.map((group) => ({ type: group[0]!.type, shape: total(group, axis) }));
  const sizes = pieces.map(({ shape }) => shape[axis]!);
  const attributes = { axis: int(axis) };
  const { graph } = whole;
  const values = graph.emit('Split', [whole, indices(graph, sizes)], pieces, attributes);
  return groups.flatMap((group, i) => split(values[i]!, group, axis));
}
