import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { dilatedFilterGradient, hasDilatedForm } from '../blocked/filter-gradient.js';
import { blockFilter, wholeBlock } from '../blocked/filters.js';
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

/** An image of fewer channels than a block from the first of a block [N, 1, H, W, b]. */
function fromPartOfBlock(value: Value, channels: number): Traced {
  const [items, , height, width, size] = value.shape as [number, ...FourExtents];
  const pixels = reshape(value, [items, height, width, size]);
  return traced(sliceAxis(pixels, 3, 0, channels));
}

const isWhole = (channels: number, { blockSize }: Graph) =>
  blockSize > 0 && channels % blockSize === 0;
const isPart = (channels: number, { blockSize }: Graph) => channels < blockSize;

function forward(x: Traced, filter: Value, bias: Value | null, geometry: ConvGeometry): Traced {
  const [outputs, inputs] = filter.shape as FourExtents;
  const { graph } = filter;
  if (isWhole(inputs, graph) && isPart(outputs, graph)) {
    const blocked = blockFilter(wholeBlock(filter));
    const all = convolveBlocks(image(x, 'blocks'), blocked, null, geometry);
    const part = fromPartOfBlock(all, outputs);
    return bias === null ? part : { ...part, value: add(part.value, bias) };
  }
  if (isWhole(outputs, graph) && isWhole(inputs, graph)) {
    const value = convolveBlocks(image(x, 'blocks'), blockFilter(filter), bias, geometry);
    return fromBlocks(value);
  }
  if (isWhole(outputs, graph) && isPart(inputs, graph)) {
    const planes = image(x, 'planes');
    return fromBlocks(undeclared(convolveDeclared(planes, blockFilter(filter), bias, geometry)));
  }
  return fromPlanes(convolve(image(x, 'planes'), filter, bias, geometry));
}

function inputGradient(
  dy: Traced,
  filter: Value,
  [, height, width]: readonly number[],
  geometry: ConvGeometry,
): Traced {
  const size = [height!, width!] as const;
  if (geometry.strides.every((stride) => stride === 1)) {
    // The same convolution, mirrored.
    const mirrored = mirroredGeometry(filter, geometry);
    if (mirrored.padding.every((count) => count >= 0)) {
      return forward(dy, mirroredFilter(filter), null, mirrored);
    }
  }
  return fromPlanes(convolveBack(image(dy, 'planes'), filter, size, geometry));
}

function filterGradientOf(
  x: Traced,
  dy: Traced,
  filterShape: FourExtents,
  geometry: ConvGeometry,
): Value {
  const { graph } = x.value;
  const isPointwise = filterShape[2] * filterShape[3] === 1;
  const canDilate = isWhole(filterShape[0], graph) && isWhole(filterShape[1], graph);
  if (!isPointwise && canDilate && hasDilatedForm(x.shape, filterShape, geometry, graph)) {
    return dilatedFilterGradient(image(x, 'blocks'), image(dy, 'blocks'), filterShape, geometry);
  }
  return filterGradient(rows(x), rows(dy), filterShape, geometry);
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
  return forward(x, outputsFirst(filter), null, geometry);
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
  const gradient = filterGradientOf(x, dy, [outputs, channels, high, wide], geometry);
  return traced(transpose(gradient, [2, 3, 1, 0]));
}

export const convolutionLowerings: readonly Lowering[] = [
  lowering<ConvGeometry>('TweedieConv2D', ({ inputs, attributes }) =>
    forward(
      inputs.x!,
      rows(inputs.filter!),
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
      traced(filterGradientOf(inputs.x!, inputs.dy!, attributes.filterShape, attributes)),
  ),
  lowering('Conv2D', tfjsConv2d),
  lowering('Conv2DBackpropInput', tfjsInputGradient),
  lowering('Conv2DBackpropFilter', tfjsFilterGradient),
];
