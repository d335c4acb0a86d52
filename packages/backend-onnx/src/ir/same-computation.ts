import { nodesBehind, sameBits, type Value } from './graph.js';

/** Whether two values of two graphs are computed alike, from equal constants. */
export function sameComputation(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
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
  const first = a.length === 0 ? [] : nodesBehind(a[0]!.graph, a);
  const second = b.length === 0 ? [] : nodesBehind(b[0]!.graph, b);
  if (first.length !== second.length) return false;
  for (const [i, node] of first.entries()) {
    const other = second[i]!;
    const same =
      node.operator === other.operator &&
      node.domain === other.domain &&
      node.inputs.length === other.inputs.length &&
      node.outputs.length === other.outputs.length &&
      JSON.stringify(node.attributes) === JSON.stringify(other.attributes) &&
      node.inputs.every((input, k) => isSame(input, other.inputs[k]!));
    if (!same) return false;
    node.outputs.forEach((output, k) => {
      partner.set(output, other.outputs[k]!);
    });
  }
  return a.every((value, i) => isSame(value, b[i]!));
}

/** Inputs by their place, constants by their elements. */
function sameLeaf({ source: a }: Value, { source: b }: Value): boolean {
  if (a.kind === 'input' && b.kind === 'input') return a.index === b.index;
  return a.kind === 'constant' && b.kind === 'constant' && sameBits(a.data, b.data);
}
