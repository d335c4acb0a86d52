import { type Graph, type Node, nodesBehind, sameBits, type Value } from './graph.js';

/** Whether two values of two graphs are computed alike, from equal constants. */
export function sameComputation(a: readonly Value[], b: readonly Value[]): boolean {
  const nodesOf = (values: readonly Value[]) =>
    values.length === 0 ? [] : nodesBehind(values[0]!.graph, values);
  const [first, second] = [nodesOf(a), nodesOf(b)];
  if (a.length !== b.length || first.length !== second.length) return false;
  const { difference, isSame } = compare(first, second);
  return difference < 0 && a.every((value, i) => isSame(value, b[i]!));
}

/** The place of the first node in which two graphs differ. */
export function firstDifference(a: Graph, b: Graph): number {
  const { difference } = compare(a.nodes, b.nodes);
  return difference < 0 ? Math.min(a.nodes.length, b.nodes.length) : difference;
}

/** Pairs the nodes of two graphs in their order, up to the first two that differ. */
function compare(first: readonly Node[], second: readonly Node[]) {
  const partner = new Map<Value, Value>();
  const isSame = (x: Value | null, y: Value | null): boolean => {
    if (x === null || y === null) return x === y;
    const known = partner.get(x);
    if (known !== undefined) return known === y;
    // Values of nodes are paired when their nodes are, which come first.
    const same = x.type === y.type && `${x.shape}` === `${y.shape}` && sameLeaf(x, y);
    if (same) partner.set(x, y);
    return same;
  };
  const difference = first.findIndex((node, i) => {
    const other = second[i];
    const same =
      other !== undefined &&
      node.operator === other.operator &&
      node.domain === other.domain &&
      node.inputs.length === other.inputs.length &&
      node.outputs.length === other.outputs.length &&
      JSON.stringify(node.attributes) === JSON.stringify(other.attributes) &&
      node.inputs.every((input, k) => isSame(input, other.inputs[k]!));
    if (!same) return true;
    node.outputs.forEach((output, k) => {
      partner.set(output, other.outputs[k]!);
    });
    return false;
  });
  return { difference, isSame };
}

/** Inputs by their place, constants by their elements. */
function sameLeaf({ source: a }: Value, { source: b }: Value): boolean {
  if (a.kind === 'input' && b.kind === 'input') return a.index === b.index;
  return a.kind === 'constant' && b.kind === 'constant' && sameBits(a.data, b.data);
}
