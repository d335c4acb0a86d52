import { add } from '../ir/arithmetic.js';
import {
  type ConvGeometry,
  convolve,
  convolveTransposed,
  mirroredFilter,
  mirroredGeometry,
} from '../ir/convolution.js';
import { filterGradient } from '../ir/filter-gradient.js';
import type { Graph, Value } from '../ir/graph.js';
import { reshape, sliceAxis } from '../ir/shape.js';
import { filterGradientNchwc, hasFilterGradientNchwc } from '../nchwc/filter-gradient.js';
import { blockFilter, blockMirroredFilter } from '../nchwc/filters.js';
import { convolveDeclared, convolveNchwc } from '../nchwc/operators.js';
import { undeclared } from '../nchwc/reorder.js';
import {
  fromNchw,
  fromNchwc,
  rowMajor,
  type SymbolicTensor,
  symbolic,
  valueIn,
} from '../tensors/symbolic-tensor.js';
import { type Lowering, lowering } from './lowering.js';

type FourExtents = [number, number, number, number];

/** The first channels of a block [N, 1, H, W, b], as pixels [N, H, W, C]. */
function firstOfBlock(block: Value, channels: number): Value {
  const [items, , height, width, size] = block.shape as [number, ...FourExtents];
  return sliceAxis(reshape(block, [items, height, width, size]), 3, 0, channels);
}

const isWhole = (channels: number, { blockSize }: Graph) =>
  blockSize > 0 && channels % blockSize === 0;
const isLessThanBlock = (channels: number, { blockSize }: Graph) => channels < blockSize;

/** A filter from `inputs` to `outputs` channels, in the form that a layout asks for. */
interface Filter {
  readonly outputs: number;
  readonly inputs: number;
  forNchw(): Value;
  forNchwc(): Value;
}

/** A filter [K, C, R, S]. */
export function filterOf(filter: Value): Filter {
  const [outputs, inputs] = filter.shape as FourExtents;
  return { outputs, inputs, forNchw: () => filter, forNchwc: () => blockFilter(filter) };
}

/** The same turned by half a turn and from outputs to inputs. */
function mirroredFilterOf(filter: Value): Filter {
  const [inputs, outputs] = filter.shape as FourExtents;
  return {
    outputs,
    inputs,
    forNchw: () => mirroredFilter(filter),
    forNchwc: () => blockMirroredFilter(filter),
  };
}

/** In NCHWc where channels come in whole blocks; at either end of a network there may be fewer. */
export function convolved(
  x: SymbolicTensor,
  filter: Filter,
  bias: Value | null,
  geometry: ConvGeometry,
): SymbolicTensor {
  const { graph } = x.value;
  const { outputs, inputs } = filter;
  if (isWhole(inputs, graph) && isWhole(outputs, graph)) {
    return fromNchwc(convolveNchwc(valueIn(x, 'NCHWc'), filter.forNchwc(), bias, geometry));
  }
  if (isWhole(inputs, graph) && isLessThanBlock(outputs, graph)) {
    const block = convolveNchwc(valueIn(x, 'NCHWc'), filter.forNchwc(), null, geometry);
    const pixels = firstOfBlock(block, outputs);
    return symbolic(bias === null ? pixels : add(pixels, bias));
  }
  if (isLessThanBlock(inputs, graph) && isWhole(outputs, graph)) {
    const nchw = { x: valueIn(x, 'NCHW'), filter: filter.forNchwc(), bias, geometry };
    return fromNchwc(undeclared(convolveDeclared(nchw)));
  }
  return fromNchw(convolve(valueIn(x, 'NCHW'), filter.forNchw(), bias, geometry));
}

/** @param shape of the input, [N, H, W, C] */
export function inputGradient(
  dy: SymbolicTensor,
  filter: Value,
  [, height, width]: readonly number[],
  geometry: ConvGeometry,
): SymbolicTensor {
  const mirrored = mirroredGeometry(filter, geometry);
  if (mirrored !== undefined) return convolved(dy, mirroredFilterOf(filter), null, mirrored);
  return fromNchw(convolveTransposed(valueIn(dy, 'NCHW'), filter, [height!, width!], geometry));
}

/** @param shape of the filter, [K, C, R, S] */
export function gradientOfFilter(
  x: SymbolicTensor,
  dy: SymbolicTensor,
  shape: FourExtents,
  geometry: ConvGeometry,
): Value {
  return hasFilterGradientNchwc(x.shape, shape, geometry, x.value.graph)
    ? filterGradientNchwc(valueIn(x, 'NCHWc'), valueIn(dy, 'NCHWc'), shape, geometry)
    : filterGradient(rowMajor(x), rowMajor(dy), shape, geometry);
}

export const convolutionLowerings: readonly Lowering[] = [
  lowering<ConvGeometry>('TweedieConv2D', ({ inputs, attributes }) =>
    convolved(
      inputs.x!,
      filterOf(rowMajor(inputs.filter!)),
      inputs.bias === undefined ? null : rowMajor(inputs.bias),
      attributes,
    ),
  ),
  lowering<ConvGeometry & { inputShape: number[] }>(
    'TweedieConv2DInputGrad',
    ({ inputs, attributes }) =>
      inputGradient(inputs.dy!, rowMajor(inputs.filter!), attributes.inputShape, attributes),
  ),
  lowering<ConvGeometry & { filterShape: FourExtents }>(
    'TweedieConv2DFilterGrad',
    ({ inputs, attributes }) =>
      symbolic(gradientOfFilter(inputs.x!, inputs.dy!, attributes.filterShape, attributes)),
  ),
];
