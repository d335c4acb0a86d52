import type { Computation } from './computation.js';
import { createGraph, type Graph, type Node, nodesBehind, type Value } from './graph.js';

/** Writes what takes the place of a node's outputs; undefined copies the node as it is. */
export type Replacement = (
  node: Node,
  moved: (value: Value) => Value,
) => readonly Value[] | undefined;

/**
 * Copies the nodes that a computation needs into another graph.
 *
 * @param inputs what takes the place of the computation's inputs there
 * @returns the computation's outputs there
 */
export function copyInto(
  target: Graph,
  { graph, outputs }: Computation,
  inputs: readonly Value[],
  replacement: Replacement = () => undefined,
): readonly Value[] {
  const copies = new Map<Value, Value>();
  graph.inputs.forEach((input, i) => {
    copies.set(input, inputs[i]!);
  });
  const moved = (value: Value): Value => {
    const known = copies.get(value);
    if (known !== undefined) return known;
    if (value.source.kind !== 'constant') throw new Error(`value ${value.id} is used before it is`);
    const constant = target.constant(value.type, value.source.data, value.shape);
    copies.set(value, constant);
    return constant;
  };
  for (const node of nodesBehind(graph, outputs)) {
    const results = replacement(node, moved) ?? copyNode(target, node, moved);
    node.outputs.forEach((output, i) => {
      copies.set(output, results[i]!);
    });
  }
  return outputs.map(moved);
}

/** The same with a graph of its own. */
export function copyOf(computation: Computation, replacement?: Replacement): Computation {
  const graph = createGraph(computation.graph);
  const inputs = computation.graph.inputs.map(({ type, shape }) => graph.input(type, shape));
  return { graph, outputs: copyInto(graph, computation, inputs, replacement) };
}

function copyNode(target: Graph, node: Node, moved: (value: Value) => Value): readonly Value[] {
  const inputs = node.inputs.map((input) => (input === null ? null : moved(input)));
  return target.emit(node.operator, inputs, node.outputs, node.attributes, node.domain);
}
