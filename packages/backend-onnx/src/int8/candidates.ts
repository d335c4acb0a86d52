import type { Computation } from '../ir/computation.js';
import { type ConstantData, type Node, nodesBehind, sameBits, type Value } from '../ir/graph.js';
import { frozenNumbers } from './constant-values.js';

/** A convolution that bytes may take the place of. */
export interface Candidate {
  readonly node: Node;
  /** [N, C, H, W] */
  readonly x: Value;
  readonly filter: Float32Array;
  /** [K, C, R, S] */
  readonly filterShape: readonly number[];
  readonly bias: Float32Array | null;
  /** [N, K, H', W'] */
  readonly y: Value;
}

/**
 * Fewer channels gain nothing: rounding the images costs what the convolution saves. They are also
 * the ends of a network, where what is rounded is seen.
 */
const FEWEST_CHANNELS = 8;

/** The convolutions of planes with constant filters, in the order of computation. */
export function findCandidates({ graph, outputs }: Computation): readonly Candidate[] {
  return nodesBehind(graph, outputs).flatMap((node): readonly Candidate[] => {
    if (node.operator !== 'Conv' || node.domain !== '') return [];
    const [x, filterValue, biasValue = null] = node.inputs;
    const filter = frozenNumbers(filterValue!);
    const bias = biasValue === null ? null : frozenNumbers(biasValue);
    if (filter === undefined || bias === undefined) return [];
    const filterShape = filterValue!.shape;
    const [outputChannels, inputChannels] = filterShape as [number, number];
    if (Math.min(outputChannels, inputChannels) < FEWEST_CHANNELS) return [];
    return [{ node, x: x!, filter, filterShape, bias, y: node.outputs[0]! }];
  });
}

/** Whether two lists are of the same convolutions, whatever the number of items. */
export function sameCandidates(a: readonly Candidate[], b: readonly Candidate[]): boolean {
  const same = (left: ConstantData | null, right: ConstantData | null) =>
    left === null || right === null ? left === right : sameBits(left, right);
  return (
    a.length === b.length &&
    a.every((one, i) => same(one.filter, b[i]!.filter) && same(one.bias, b[i]!.bias))
  );
}
