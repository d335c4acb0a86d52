import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
} from '@tensorflow/tfjs-core';
import { type ConvGeometry, convOutput } from '../ir/convolution.js';
import { transpose } from '../ir/shape.js';
import {
  fromNchw,
  rowMajor,
  type SymbolicTensor,
  symbolic,
  valueIn,
} from '../tensors/symbolic-tensor.js';
import { type FusedAttributes, withBiasAndActivation } from './activation.js';
import { convolved, filterOf, gradientOfFilter, inputGradient } from './convolution.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import { reshaped } from './shape.js';
import { isEmpty, zerosOf } from './windows.js';

type FourExtents = [number, number, number, number];

type ConvAttributes = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode'> & {
  readonly dataFormat?: string;
  readonly dilations?: Conv2DAttrs['dilations'];
};

/** Explicit padding names the axes in the order of the data format. */
const channelsLastPadding = ({ pad, dataFormat }: ConvAttributes) =>
  Array.isArray(pad) && dataFormat === 'NCHW' ? [pad[0], pad[2], pad[3], pad[1]] : pad;

/** The geometry of tfjs's own convolutions, which name their padding. */
function tfjsGeometry(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvAttributes,
): ConvGeometry {
  const info = backend_util.computeConv2DInfo(
    inputShape as FourExtents,
    filterShape as FourExtents,
    attributes.strides,
    attributes.dilations ?? 1,
    channelsLastPadding(attributes) as 'same',
    attributes.dimRoundingMode,
  );
  const { top, left } = info.padInfo;
  // What the last window needs, so that as many windows fit as tfjs counts, which may round up.
  const after = (outputs: number, stride: number, window: number, size: number, before: number) =>
    Math.max(0, (outputs - 1) * stride + window - size - before);
  const { strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth } = info;
  return {
    strides: [strideHeight, strideWidth],
    padding: [
      top,
      after(info.outHeight, strideHeight, effectiveFilterHeight, info.inHeight, top),
      left,
      after(info.outWidth, strideWidth, effectiveFilterWidth, info.inWidth, left),
    ],
    dilations: [info.dilationHeight, info.dilationWidth],
  };
}

/** tfjs keeps filters as [R, S, C, K]. */
const outputsFirst = (filter: SymbolicTensor) => transpose(rowMajor(filter), [3, 2, 0, 1]);

/** Channels first is a layout like any other: the image as [N, H, W, C]. */
const fromFormat = (x: SymbolicTensor, format: string | undefined) =>
  format === 'NCHW' ? fromNchw(rowMajor(x)) : x;
const toFormat = (x: SymbolicTensor, format: string | undefined) =>
  format === 'NCHW' ? symbolic(valueIn(x, 'NCHW')) : x;
const shapeFromFormat = (shape: readonly number[], format: string | undefined) =>
  format === 'NCHW' ? [0, 2, 3, 1].map((axis) => shape[axis]!) : shape;

function forward({ inputs, attributes }: KernelCall<Conv2DAttrs>): SymbolicTensor {
  const { dataFormat } = attributes;
  const filter = inputs.filter!;
  const x = fromFormat(inputs.x!, dataFormat);
  const geometry = tfjsGeometry(x.shape, filter.shape, attributes);
  const [high, wide, , outputs] = filter.shape as FourExtents;
  const size = convOutput([x.shape[1]!, x.shape[2]!], [high, wide], geometry);
  const shape = [x.shape[0]!, ...size, outputs];
  if (isEmpty(shape) || isEmpty(filter.shape)) return toFormat(zerosOf(x, shape), dataFormat);
  return toFormat(convolved(x, filterOf(outputsFirst(filter)), null, geometry), dataFormat);
}

function backwardToInput({
  inputs,
  attributes,
}: KernelCall<Conv2DBackpropInputAttrs>): SymbolicTensor {
  const { dataFormat } = attributes;
  const filter = inputs.filter!;
  const dy = fromFormat(inputs.dy!, dataFormat);
  const inputShape = shapeFromFormat(attributes.inputShape, dataFormat);
  const geometry = tfjsGeometry(inputShape, filter.shape, attributes);
  if (isEmpty(inputShape) || isEmpty(dy.shape)) {
    return toFormat(zerosOf(dy, inputShape), dataFormat);
  }
  return toFormat(inputGradient(dy, outputsFirst(filter), inputShape, geometry), dataFormat);
}

function backwardToFilter({
  inputs,
  attributes,
}: KernelCall<Conv2DBackpropFilterAttrs>): SymbolicTensor {
  const { dataFormat, filterShape } = attributes;
  const [x, dy] = [fromFormat(inputs.x!, dataFormat), fromFormat(inputs.dy!, dataFormat)];
  if (isEmpty(filterShape) || isEmpty(dy.shape)) return zerosOf(dy, filterShape);
  const [high, wide, channels, outputs] = filterShape;
  const geometry = tfjsGeometry(x.shape, filterShape, attributes);
  const gradient = gradientOfFilter(x, dy, [outputs, channels, high, wide], geometry);
  return symbolic(transpose(gradient, [2, 3, 1, 0]));
}

/** Convolutions of tfjs itself, with filters [R, S, C, K] and paddings by name. */
export const tfjsConvolutionLowerings: readonly Lowering[] = [
  lowering('Conv2D', forward),
  lowering('Conv2DBackpropInput', backwardToInput),
  lowering('Conv2DBackpropFilter', backwardToFilter),
  lowering<Conv2DAttrs & FusedAttributes>('FusedConv2D', (call) => {
    const { dataFormat } = call.attributes;
    // A vector belongs to the channels, which only this function knows to come first.
    const aligned = Object.fromEntries(
      Object.entries(call.inputs).map(([name, part]) => [
        name,
        dataFormat === 'NCHW' && part.shape.length === 1
          ? reshaped(part, [part.shape[0]!, 1, 1])
          : part,
      ]),
    );
    return withBiasAndActivation(forward(call), aligned, call.attributes);
  }),
];
