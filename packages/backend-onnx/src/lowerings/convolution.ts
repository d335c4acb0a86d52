import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { blockedFilterGradient, hasBlockedForm } from '../blocked/filter-gradient.js';
import { blockFilter, blockMirroredFilter } from '../blocked/filters.js';
import { convolveBlocks, convolveDeclared } from '../blocked/operators.js';
import { undeclared } from '../blocked/reorder.js';
import { add } from '../graph/arithmetic.js';
import {
  type ConvGeometry,
  convolve,
  convolveBack,
  mirroredFilter,
  mirroredGeometry,
} from '../graph/convolution.js';
import { filterGradient } from '../graph/filter-gradient.js';
import type { Graph, Value } from '../graph/graph.js';
import { reshape, sliceAxis, transpose } from '../graph/shape.js';
import { type KernelCall, type Lowering, lowering } from '../trace/lowering.js';
import { image, rows, type Traced, traced, tracedImage } from '../trace/traced.js';

type FourExtents = [number, number, number, number];

/** An image from planes [N, C, H, W]. */
function fromPlanes(value: Value): Traced {
  const [items, channels, height, width] = value.shape as FourExtents;
  return tracedImage(value, [items, height, width, channels], 'planes');
}

/** An image from blocks [N, C/b, H, W, b]. */
function fromBlocks(value: Value): Traced {
  const [items, groups, height, width, size] = value.shape as [number, ...FourExtents];
  return tracedImage(value, [items, height, width, groups * size], 'blocks');
}

/** The first channels of a block [N, 1, H, W, b], as pixels [N, H, W, C]. */
function firstOfBlock(block: Value, channels: number): Value {
  const [items, , height, width, size] = block.shape as [number, ...FourExtents];
  return sliceAxis(reshape(block, [items, height, width, size]), 3, 0, channels);
}

const isWhole = (channels: number, { blockSize }: Graph) =>
  blockSize > 0 && channels % blockSize === 0;
const isPart = (channels: number, { blockSize }: Graph) => channels < blockSize;

/** A filter from `inputs` to `outputs` channels, in the form that a convolution asks for. */
interface Filter {
  readonly outputs: number;
  readonly inputs: number;
  inPlanes(): Value;
  inBlocks(): Value;
}

function filterOf(filter: Value): Filter {
  const [outputs, inputs] = filter.shape as FourExtents;
  return { outputs, inputs, inPlanes: () => filter, inBlocks: () => blockFilter(filter) };
}

function mirroredFilterOf(filter: Value): Filter {
  const [inputs, outputs] = filter.shape as FourExtents;
  return {
    outputs,
    inputs,
    inPlanes: () => mirroredFilter(filter),
    inBlocks: () => blockMirroredFilter(filter),
  };
}

/** In blocks where channels come in whole blocks; at either end of a network there may be fewer. */
function convolved(x: Traced, filter: Filter, bias: Value | null, geometry: ConvGeometry): Traced {
  const { graph } = x.value;
  const { outputs, inputs } = filter;
  if (isWhole(inputs, graph) && isWhole(outputs, graph)) {
    return fromBlocks(convolveBlocks(image(x, 'blocks'), filter.inBlocks(), bias, geometry));
  }
  if (isWhole(inputs, graph) && isPart(outputs, graph)) {
    const block = convolveBlocks(image(x, 'blocks'), filter.inBlocks(), null, geometry);
    const part = firstOfBlock(block, outputs);
    return traced(bias === null ? part : add(part, bias));
  }
  if (isPart(inputs, graph) && isWhole(outputs, graph)) {
    const planes = { x: image(x, 'planes'), filter: filter.inBlocks(), bias, geometry };
    return fromBlocks(undeclared(convolveDeclared(planes)));
  }
  return fromPlanes(convolve(image(x, 'planes'), filter.inPlanes(), bias, geometry));
}

function inputGradient(
  dy: Traced,
  filter: Value,
  [, height, width]: readonly number[],
  geometry: ConvGeometry,
): Traced {
  const mirrored = mirroredGeometry(filter, geometry);
  if (mirrored !== undefined) return convolved(dy, mirroredFilterOf(filter), null, mirrored);
  return fromPlanes(convolveBack(image(dy, 'planes'), filter, [height!, width!], geometry));
}

function gradientOfFilter(
  x: Traced,
  dy: Traced,
  shape: FourExtents,
  geometry: ConvGeometry,
): Value {
  return hasBlockedForm(x.shape, shape, geometry, x.value.graph)
    ? blockedFilterGradient(image(x, 'blocks'), image(dy, 'blocks'), shape, geometry)
    : filterGradient(rows(x), rows(dy), shape, geometry);
}

/** The geometry of tfjs's own convolutions, which name their padding. */
function tfjsGeometry(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: Pick<Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & {
    readonly dilations?: Conv2DAttrs['dilations'];
  },
): ConvGeometry {
  if ((attributes.dataFormat ?? 'NHWC') !== 'NHWC') {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'backend-onnx',
      given: `conv2d has the data format ${attributes.dataFormat}`,
      allowed: 'NHWC',
    });
  }
  const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } =
    backend_util.computeConv2DInfo(
      inputShape as FourExtents,
      filterShape as FourExtents,
      attributes.strides,
      attributes.dilations ?? 1,
      attributes.pad as 'same',
      attributes.dimRoundingMode,
    );
  return {
    strides: [strideHeight, strideWidth],
    padding: [padInfo.top, padInfo.bottom, padInfo.left, padInfo.right],
    dilations: [dilationHeight, dilationWidth],
  };
}

/** tfjs keeps filters as [R, S, C, K]. */
const outputsFirst = (filter: Traced) => transpose(rows(filter), [3, 2, 0, 1]);

function tfjsConv2d({ inputs, attributes }: KernelCall<Conv2DAttrs>): Traced {
  const [x, filter] = [inputs.x!, inputs.filter!];
  const geometry = tfjsGeometry(x.shape, filter.shape, attributes);
  return convolved(x, filterOf(outputsFirst(filter)), null, geometry);
}

function tfjsInputGradient({ inputs, attributes }: KernelCall<Conv2DBackpropInputAttrs>): Traced {
  const [dy, filter] = [inputs.dy!, inputs.filter!];
  const geometry = tfjsGeometry(attributes.inputShape, filter.shape, attributes);
  return inputGradient(dy, outputsFirst(filter), attributes.inputShape, geometry);
}

function tfjsFilterGradient({ inputs, attributes }: KernelCall<Conv2DBackpropFilterAttrs>): Traced {
  const [x, dy] = [inputs.x!, inputs.dy!];
  const [high, wide, channels, outputs] = attributes.filterShape;
  const geometry = tfjsGeometry(x.shape, attributes.filterShape, attributes);
  const gradient = gradientOfFilter(x, dy, [outputs, channels, high, wide], geometry);
  return traced(transpose(gradient, [2, 3, 1, 0]));
}

export const convolutionLowerings: readonly Lowering[] = [
  lowering<ConvGeometry>('TweedieConv2D', ({ inputs, attributes }) =>
    convolved(
      inputs.x!,
      filterOf(rows(inputs.filter!)),
      inputs.bias === undefined ? null : rows(inputs.bias),
      attributes,
    ),
  ),
  lowering<ConvGeometry & { inputShape: number[] }>(
    'TweedieConv2DInputGrad',
    ({ inputs, attributes }) =>
      inputGradient(inputs.dy!, rows(inputs.filter!), attributes.inputShape, attributes),
  ),
  lowering<ConvGeometry & { filterShape: FourExtents }>(
    'TweedieConv2DFilterGrad',
    ({ inputs, attributes }) =>
      traced(gradientOfFilter(inputs.x!, inputs.dy!, attributes.filterShape, attributes)),
  ),
  lowering('Conv2D', tfjsConv2d),
  lowering('Conv2DBackpropInput', tfjsInputGradient),
  lowering('Conv2DBackpropFilter', tfjsFilterGradient),
];
