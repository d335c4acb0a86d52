import { TweedieError } from '@tweedie/core';
import type { Computation } from '../ir/computation.js';
import { type ConstantData, sameBits } from '../ir/graph.js';
import { type Rule, rewrite } from '../passes/rewrite.js';
import { findCandidates } from './candidates.js';
import { quantizeFilter } from './filters.js';
import { dequantizeLinear, qLinearConv, quantizeLinear } from './operators.js';
import type { CalibratedConvolution, Quantization } from './quantization.js';
import { uint8Scale } from './ranges.js';
import { squareSums } from './square-sums.js';

/**
 * The computation with its convolutions in int8.
 *
 * @throws TweedieError INVALID_VALUE when it has others than those that were calibrated
 */
export function quantizeConvolutions(
  computation: Computation,
  quantization: Quantization,
): Computation {
  const candidates = findCandidates(computation);
  checkSameConvolutions(quantization, candidates);
  const known = new Map(candidates.map((candidate, i) => [candidate.node, { candidate, i }]));
  const inInt8: Rule = (node, _uses, moved) => {
    const found = known.get(node);
    if (found === undefined) return undefined;
    const { x, filter, filterShape, bias, y } = found.candidate;
    const { input, outputs } = quantization[found.i]!;
    const inputScale = uint8Scale(input);
    const channels = outputs.map(uint8Scale);
    const convolved = qLinearConv({
      x: quantizeLinear(moved(x), inputScale),
      input: inputScale,
      filter: quantizeFilter(filter, filterShape),
      filterShape,
      bias,
      channels,
      shape: y.shape,
      geometry: node.attributes,
    });
    return dequantizeLinear(convolved, channels);
  };
  const forRuntime = computation.graph.operators === 'runtime' ? [squareSums] : [];
  return rewrite(computation, [inInt8, ...forRuntime]);
}

type Weights = Pick<CalibratedConvolution, 'filter' | 'bias'>;

/**
 * Holds two lists to the same convolutions, whatever the number of items.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function checkSameConvolutions(known: readonly Weights[], found: readonly Weights[]): void {
  const same = (a: ConstantData | null, b: ConstantData | null) =>
    a === null || b === null ? a === b : sameBits(a, b);
  const areSame =
    known.length === found.length &&
    known.every(({ filter, bias }, i) => {
      return same(filter, found[i]!.filter) && same(bias, found[i]!.bias);
    });
  if (areSame) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'backend-onnx',
    given: `quantize: the function has ${found.length} convolutions with these arguments that could be quantized, and ${known.length} others with those that it was first calibrated with`,
    allowed:
      'functions that make the same convolutions, with the same filters, whatever the number of items',
  });
}
