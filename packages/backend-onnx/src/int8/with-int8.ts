import type { Computation } from '../ir/computation.js';
import { type Rule, rewrite } from '../passes/rewrite.js';
import type { Candidate } from './candidates.js';
import { quantizeFilter } from './filters.js';
import { convolveBytes, fromBytes, toBytes } from './operators.js';
import { byteScale, type Range } from './ranges.js';
import { squareSums } from './square-sums.js';

/** What a convolution's numbers were seen to be. */
export interface ObservedConvolution {
  readonly input: Range;
  /** One for each output channel. */
  readonly outputs: readonly Range[];
}

/** The computation with its candidates computed in bytes, where each was observed. */
export function withBytes(
  computation: Computation,
  candidates: readonly Candidate[],
  observed: readonly ObservedConvolution[],
): Computation {
  const known = new Map(candidates.map((candidate, i) => [candidate.node, { candidate, i }]));
  const inBytes: Rule = (node, _uses, moved) => {
    const found = known.get(node);
    if (found === undefined) return undefined;
    const { x, filter, filterShape, bias, y } = found.candidate;
    const { input, outputs } = observed[found.i]!;
    const inputScale = byteScale(input);
    const channels = outputs.map(byteScale);
    const convolved = convolveBytes({
      x: toBytes(moved(x), inputScale),
      input: inputScale,
      filter: quantizeFilter(filter, filterShape),
      filterShape,
      bias,
      channels,
      shape: y.shape,
      geometry: node.attributes,
    });
    return fromBytes(convolved, channels);
  };
  const forRuntime = computation.graph.operators === 'runtime' ? [squareSums] : [];
  return rewrite(computation, [inBytes, ...forRuntime]);
}
