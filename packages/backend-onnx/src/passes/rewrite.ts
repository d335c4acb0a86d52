import { createGraph, type Graph, type Node, nodesBehind, type Value } from '../ir/graph.js';

/** A graph and the values of it that are wanted. */
export interface Computation {
  readonly graph: Graph;
  readonly outputs: readonly Value[];
}

/** What a rule may ask about the graph that is rewritten. */
export interface Uses {
  /** How often a value is an input of a node or an output of the computation. */
  countOf(value: Value): number;
  /** Where a node stands in the order of computation. */
  placeOf(node: Node): number;
}

/**
 * A simplification: gives the value that a node's single output becomes, written with `moved`
 * inputs, or undefined to leave the node as it is.
 */
export type Rule = (node: Node, uses: Uses, moved: (value: Value) => Value) => Value | undefined;

/** A copy of the computation, of the nodes that it needs, in which the first rule that fits is applied. */
export function rewrite({ graph, outputs }: Computation, rules: readonly Rule[]): Computation {
  const nodes = nodesBehind(graph, outputs);
  const counts = new Map<Value, number>();
  const count = (value: Value) => counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const node of nodes) for (const input of node.inputs) if (input !== null) count(input);
  outputs.forEach(count);
  const places = new Map(nodes.map((node, place) => [node, place]));
  const uses: Uses = {
    countOf: (value) => counts.get(value) ?? 0,
    placeOf: (node) => places.get(node)!,
  };

  const copy = createGraph(graph);
  const copies = new Map<Value, Value>();
  for (const input of graph.inputs) copies.set(input, copy.input(input.type, input.shape));
  const moved = (value: Value): Value => {
    const known = copies.get(value);
    if (known !== undefined) return known;
    if (value.source.kind !== 'constant') throw new Error(`value ${value.id} is used before it is`);
    const constant = copy.constant(value.type, value.source.data, value.shape);
    copies.set(value, constant);
    return constant;
  };
  for (const node of nodes) {
    const replaced = firstOf(rules, node, uses, moved);
    if (replaced !== undefined) {
      copies.set(node.outputs[0]!, replaced);
      continue;
    }
    const inputs = node.inputs.map((input) => (input === null ? null : moved(input)));
    const results = copy.emit(node.operator, inputs, node.outputs, node.attributes, node.domain);
    node.outputs.forEach((output, i) => {
      copies.set(output, results[i]!);
    });
  }
  return { graph: copy, outputs: outputs.map(moved) };
}

function firstOf(
  rules: readonly Rule[],
  node: Node,
  uses: Uses,
  moved: (value: Value) => Value,
): Value | undefined {
  for (const rule of rules) {
    const replaced = rule(node, uses, moved);
    if (replaced !== undefined) return replaced;
  }
  return undefined;
}
