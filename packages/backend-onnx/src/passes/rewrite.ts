import type { Computation } from '../ir/computation.js';
import { copyOf } from '../ir/copy.js';
import { type Node, nodesBehind, type Value } from '../ir/graph.js';

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
export function rewrite(computation: Computation, rules: readonly Rule[]): Computation {
  const nodes = nodesBehind(computation.graph, computation.outputs);
  const counts = new Map<Value, number>();
  const count = (value: Value) => counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const node of nodes) for (const input of node.inputs) if (input !== null) count(input);
  computation.outputs.forEach(count);
  const places = new Map(nodes.map((node, place) => [node, place]));
  const uses: Uses = {
    countOf: (value) => counts.get(value) ?? 0,
    placeOf: (node) => places.get(node)!,
  };
  return copyOf(computation, (node, moved) => {
    for (const rule of rules) {
      const replaced = rule(node, uses, moved);
      if (replaced !== undefined) return [replaced];
    }
    return undefined;
  });
}
