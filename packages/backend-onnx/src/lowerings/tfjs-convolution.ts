import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import type { ConvGeometry } from '../graph/convolution.js';
import { transpose } from '../graph/shape.js';
import { type KernelCall, type Lowering, lowering } from '../trace/lowering.js';
import { rows, type Traced, traced } from '../trace/traced.js';
import { convolved, filterOf, gradientOfFilter, inputGradient } from './convolution.js';

type FourExtents = [number, number, number, number];

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
  const info = backend_util.computeConv2DInfo(
    inputShape as FourExtents,
    filterShape as FourExtents,
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad as 'same',
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
const outputsFirst = (filter: Traced) => transpose(rows(filter), [3, 2, 0, 1]);

function forward({ inputs, attributes }: KernelCall<Conv2DAttrs>): Traced {
  const [x, filter] = [inputs.x!, inputs.filter!];
  const geometry = tfjsGeometry(x.shape, filter.shape, attributes);
  return convolved(x, filterOf(outputsFirst(filter)), null, geometry);
}

function backwardToInput({ inputs, attributes }: KernelCall<Conv2DBackpropInputAttrs>): Traced {
  const [dy, filter] = [inputs.dy!, inputs.filter!];
  const geometry = tfjsGeometry(attributes.inputShape, filter.shape, attributes);
  return inputGradient(dy, outputsFirst(filter), attributes.inputShape, geometry);
}

function backwardToFilter({ inputs, attributes }: KernelCall<Conv2DBackpropFilterAttrs>): Traced {
  const [x, dy] = [inputs.x!, inputs.dy!];
  const [high, wide, channels, outputs] = attributes.filterShape;
  const geometry = tfjsGeometry(x.shape, attributes.filterShape, attributes);
  const gradient = gradientOfFilter(x, dy, [outputs, channels, high, wide], geometry);
  return traced(transpose(gradient, [2, 3, 1, 0]));
}

/** Convolutions of tfjs itself, with filters [R, S, C, K] and paddings by name. */
export const tfjsConvolutionLowerings: readonly Lowering[] = [
  lowering('Conv2D', forward),
  lowering('Conv2DBackpropInput', backwardToInput),
  lowering('Conv2DBackpropFilter', backwardToFilter),
];
