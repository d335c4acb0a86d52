import type { Computation } from '../ir/computation.js';
import { type Node, nodesBehind, type Value } from '../ir/graph.js';
import { constantValues } from './constant-values.js';

/** A convolution that can be computed in int8. */
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
 * Fewer channels gain nothing: quantizing the images costs what the convolution saves. They are also
 * the ends of a network, where rounding errors are seen.
 */
const FEWEST_CHANNELS = 8;

/** The convolutions of NCHW with constant filters, in the order of computation. */
export function findCandidates({ graph, outputs }: Computation): readonly Candidate[] {
  return nodesBehind(graph, outputs).flatMap((node): readonly Candidate[] => {
    if (node.operator !== 'Conv' || node.domain !== '') return [];
    const [x, filterValue, biasValue = null] = node.inputs;
    const filter = constantValues(filterValue!);
    const bias = biasValue === null ? null : constantValues(biasValue);
    if (filter === undefined || bias === undefined) return [];
    const filterShape = filterValue!.shape;
    const [outputChannels, inputChannels] = filterShape as [number, number];
    if (Math.min(outputChannels, inputChannels) < FEWEST_CHANNELS) return [];
    return [{ node, x: x!, filter, filterShape, bias, y: node.outputs[0]! }];
  });
}
