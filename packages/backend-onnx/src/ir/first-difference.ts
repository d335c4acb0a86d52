import { type Graph, type Node, sameBits, type Value } from './graph.js';

/** The place of the first node in which two graphs differ. */
export function firstDifference(a: Graph, b: Graph): number {
  const places = [placesIn(a), placesIn(b)] as const;
  const alike = (x: Value | null, y: Value | null): boolean => {
    if (x === null || y === null) return x === y;
    const [left, right] = [x.source, y.source];
    if (x.type !== y.type || `${x.shape}` !== `${y.shape}`) return false;
    if (left.kind === 'node' && right.kind === 'node') {
      return places[0].get(left.node) === places[1].get(right.node);
    }
    if (left.kind === 'constant' && right.kind === 'constant') {
      return sameBits(left.data, right.data);
    }
    return left.kind === 'input' && right.kind === 'input' && left.index === right.index;
  };
  const differs = a.nodes.findIndex((node, i) => {
    const other = b.nodes[i];
    return !(
      other !== undefined &&
      node.operator === other.operator &&
      JSON.stringify(node.attributes) === JSON.stringify(other.attributes) &&
      node.inputs.length === other.inputs.length &&
      node.inputs.every((input, k) => alike(input, other.inputs[k]!))
    );
  });
  return differs < 0 ? Math.min(a.nodes.length, b.nodes.length) : differs;
}

const placesIn = ({ nodes }: Graph) => new Map<Node, number>(nodes.map((node, i) => [node, i]));
