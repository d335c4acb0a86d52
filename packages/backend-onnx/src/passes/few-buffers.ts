import { indices } from '../ir/constant.js';
import {
  createGraph,
  type Graph,
  int,
  type Node,
  nodesBehind,
  type Value,
} from '../ir/graph.js';
import type { Computation } from './rewrite.js';

/** Storage buffers that a shader of any WebGPU device may have (`maxStorageBuffersPerShaderStage`). */
const MOST_BUFFERS = 8;
const MOST_PARTS = MOST_BUFFERS - 1;

/**
 * A copy of the computation in which no node joins or splits more tensors than a shader of WebGPU
 * can bind: what has more does it in steps.
 */
export function fewBuffers({ graph, outputs }: Computation): Computation {
  const copy = createGraph(graph);
  const copies = new Map<Value, Value>();
  for (const input of graph.inputs) copies.set(input, copy.input(input.type, input.shape));
  const moved = (value: Value): Value => {
    const known = copies.get(value);
    if (known !== undefined) return known;
    if (value.source.kind !== 'constant') throw new Error(`value ${value.id} is used before it is`);
    return copy.constant(value.type, value.source.data, value.shape);
  };
  for (const node of nodesBehind(graph, outputs)) {
    const inputs = node.inputs.map((input) => (input === null ? null : moved(input)));
    const results = emitInSteps(copy, node, inputs);
    node.outputs.forEach((output, i) => {
      copies.set(output, results[i]!);
    });
  }
  return { graph: copy, outputs: outputs.map(moved) };
}

function emitInSteps(
  graph: Graph,
  { operator, domain, attributes, outputs }: Node,
  inputs: readonly (Value | null)[],
): readonly Value[] {
  const axis = attributes.axis?.value as number;
  if (operator === 'Concat') return [join(graph, inputs as Value[], axis)];
  if (operator === 'Split') return split(graph, inputs[0]!, outputs, axis);
  return graph.emit(operator, inputs, outputs, attributes, domain);
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

function join(graph: Graph, parts: readonly Value[], axis: number): Value {
  if (parts.length === 1) return parts[0]!;
  const joined = groupsOf(parts).map((group) => join(graph, group, axis));
  const output = { type: parts[0]!.type, shape: total(parts, axis) };
  return graph.emit('Concat', joined, [output], { axis: int(axis) })[0]!;
}

function split(
  graph: Graph,
  whole: Value,
  parts: readonly { readonly type: Value['type']; readonly shape: readonly number[] }[],
  axis: number,
): readonly Value[] {
  if (parts.length === 1) return [whole];
  const groups = groupsOf(parts);
  const pieces = groups.map((group) => ({ type: group[0]!.type, shape: total(group, axis) }));
  const sizes = pieces.map(({ shape }) => shape[axis]!);
  const attributes = { axis: int(axis) };
  const values = graph.emit('Split', [whole, indices(graph, sizes)], pieces, attributes);
  return groups.flatMap((group, i) => split(graph, values[i]!, group, axis));
}
