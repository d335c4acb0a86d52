import {
  backend_util,
  div,
  type GradConfig,
  ones,
  reshape,
  type Tensor,
  transpose,
} from '@tensorflow/tfjs-core';
import type { ConvGeometry } from '../operations/conv-geometry.js';
import { runFilterGradient, runForward, runInputGradient } from '../operations/conv2d.js';
import { gradient } from '../tape/gradient.js';

type Pair = number | [number, number];
type Padding = Parameters<typeof backend_util.computeConv2DInfo>[4];
type Shape4D = [number, number, number, number];

interface WindowAttributes {
  readonly strides: Pair;
  readonly pad: Padding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}
interface ConvAttributes extends WindowAttributes {
  readonly dataFormat: 'NHWC' | 'NCHW';
  /** Some operations of tfjs pass null for 1. */
  readonly dilations?: Pair | null;
}

// tfjs has no gradient for a dilated convolution and none for the gradient of a filter. All become
// the composites, which are closed under differentiation; filters go from HWIO to OIHW and back.

const toOihw = (filter: Tensor) => transpose(filter, [3, 2, 0, 1]);
const toHwio = (filter: Tensor) => transpose(filter, [2, 3, 1, 0]);

const toNhwc = (t: Tensor, format: string) => (format === 'NHWC' ? t : transpose(t, [0, 2, 3, 1]));
const fromNhwc = (t: Tensor, format: string) =>
  format === 'NHWC' ? t : transpose(t, [0, 3, 1, 2]);

function geometryOf(info: backend_util.Conv2DInfo): ConvGeometry {
  const { top, bottom, left, right } = info.padInfo;
  // Rounding up leaves a last window that reaches beyond the padding: more zeros.
  const reach = (outputs: number, filter: number, stride: number, dilation: number) =>
    (outputs - 1) * stride + dilation * (filter - 1) + 1;
  const rows = reach(info.outHeight, info.filterHeight, info.strideHeight, info.dilationHeight);
  const columns = reach(info.outWidth, info.filterWidth, info.strideWidth, info.dilationWidth);
  return {
    strides: [info.strideHeight, info.strideWidth],
    padding: [
      top,
      Math.max(bottom, rows - info.inHeight - top),
      left,
      Math.max(right, columns - info.inWidth - left),
    ],
    dilations: [info.dilationHeight, info.dilationWidth],
  };
}

/** The geometry of a convolution of tfjs, and the shape of its input in NHWC. */
function convolution(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations, dataFormat, dimRoundingMode }: ConvAttributes,
): { geometry: ConvGeometry; imageShape: readonly number[] } {
  const info = backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    false,
    backend_util.convertConv2DDataFormat(dataFormat),
  );
  const imageShape = [info.batchSize, info.inHeight, info.inWidth, info.inChannels];
  return { geometry: geometryOf(info), imageShape };
}

/** Shape of a filter [R, S, C, K] as [K, C, R, S]. */
const oihwShape = ([rows, columns, inputs, outputs]: readonly number[]) =>
  [outputs, inputs, rows, columns] as number[];

/** Channels as items of their own, [N·C, H, W, 1], and back. */
function channelsApart(t: Tensor): Tensor {
  const [items, height, width, channels] = t.shape as Shape4D;
  return reshape(transpose(t, [0, 3, 1, 2]), [items * channels, height, width, 1]);
}
function channelsTogether(t: Tensor, channels: number): Tensor {
  const [all, height, width] = t.shape as Shape4D;
  return transpose(reshape(t, [all / channels, channels, height, width]), [0, 2, 3, 1]);
}

/** How many pixels of the image, not of its padding, each window covers: [1, OH, OW, 1]. */
function windowSizes(info: backend_util.Conv2DInfo): Tensor {
  const image = ones([1, info.inHeight, info.inWidth, 1]);
  const filter = ones([1, 1, info.filterHeight, info.filterWidth]);
  return runForward(image, filter, geometryOf(info));
}

export const convolutionGradients: readonly GradConfig[] = [
  gradient('Conv2D', ['x', 'filter'], (dy, [x, filter], attributes: ConvAttributes) => {
    const { dataFormat } = attributes;
    const { geometry, imageShape } = convolution(x.shape, filter.shape, attributes);
    const flowing = toNhwc(dy, dataFormat);
    return {
      x: () =>
        fromNhwc(runInputGradient(flowing, toOihw(filter), imageShape, geometry), dataFormat),
      filter: () => {
        const image = toNhwc(x, dataFormat);
        return toHwio(runFilterGradient(image, flowing, oihwShape(filter.shape), geometry));
      },
    };
  }),
  // What tf.conv2dTranspose runs.
  gradient(
    'Conv2DBackpropInput',
    ['dy', 'filter'],
    (ddx, [dy, filter], attributes: ConvAttributes & { readonly inputShape: number[] }) => {
      const { dataFormat, inputShape } = attributes;
      const { geometry } = convolution(inputShape, filter.shape, attributes);
      const flowing = toNhwc(ddx, dataFormat);
      return {
        dy: () => fromNhwc(runForward(flowing, toOihw(filter), geometry), dataFormat),
        filter: () => {
          const outer = toNhwc(dy, dataFormat);
          return toHwio(runFilterGradient(flowing, outer, oihwShape(filter.shape), geometry));
        },
      };
    },
  ),
  // Reached through tf.fused.conv2d, which carries a gradient of its own.
  gradient(
    'Conv2DBackpropFilter',
    ['x', 'dy'],
    (ddw, [x, dy], attributes: ConvAttributes & { readonly filterShape: number[] }) => {
      const { dataFormat, filterShape } = attributes;
      const { geometry, imageShape } = convolution(x.shape, filterShape, attributes);
      const filter = toOihw(ddw);
      return {
        x: () => {
          const outer = toNhwc(dy, dataFormat);
          return fromNhwc(runInputGradient(outer, filter, imageShape, geometry), dataFormat);
        },
        dy: () => fromNhwc(runForward(toNhwc(x, dataFormat), filter, geometry), dataFormat),
      };
    },
  ),
  gradient(
    'AvgPool',
    ['x'],
    (dy, [x], attributes: WindowAttributes & { readonly filterSize: Pair }) => ({
      x: () => {
        const { filterSize, strides, pad, dimRoundingMode } = attributes;
        const info = backend_util.computePool2DInfo(
          x.shape as Shape4D,
          filterSize,
          strides,
          1,
          pad,
          dimRoundingMode,
        );
        // A convolution with ones in each channel, divided by the sizes of the windows.
        const [items, height, width, channels] = x.shape as Shape4D;
        const spread = runInputGradient(
          channelsApart(div(dy, windowSizes(info))),
          ones([1, 1, info.filterHeight, info.filterWidth]),
          [items * channels, height, width, 1],
          geometryOf(info),
        );
        return channelsTogether(spread, channels);
      },
    }),
  ),
];
