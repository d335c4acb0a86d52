import { backend_util } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { mul } from '../ir/arithmetic.js';
import { int, ints, type Value } from '../ir/graph.js';
import { matMul } from '../ir/linear.js';
import { reduceSum } from '../ir/reduction.js';
import { concat, pad, reshape, slice, transpose } from '../ir/shape.js';
import { rowMajor, type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { type FusedAttributes, withBiasAndActivation } from './activation.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import {
  channelsFirst,
  channelsLast,
  isEmpty,
  outputPadding,
  reachAfter,
  type Windows,
  windowAttributes,
  windowsOf,
  zerosOf,
} from './windows.js';

// Depthwise convolutions, filters [R, S, C, M], and those in three dimensions, [Q, R, S, C, K].

interface Attributes {
  readonly strides: number | number[];
  readonly pad: unknown;
  /** Some operations of tfjs pass null for 1. */
  readonly dilations?: number | number[] | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: string;
}

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

interface Convolution {
  readonly windows: Windows;
  readonly outputs: number;
  readonly isDepthwise: boolean;
  readonly inputShape: readonly number[];
  readonly filterShape: readonly number[];
}

function convolutionOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad: padding, dilations, dimRoundingMode, dataFormat }: Attributes,
): Convolution {
  if (dataFormat?.startsWith('NC')) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'backend-onnx',
      given: `a convolution has the data format ${dataFormat}`,
      allowed: 'channels last, as on the cpu backend of tfjs',
    });
  }
  if (filterShape.length === 4) {
    const info = backend_util.computeConv2DInfo(
      inputShape as Four,
      filterShape as Four,
      strides as number,
      (dilations ?? 1) as number,
      padding as 'same',
      dimRoundingMode,
      true,
    );
    const windows = windowsOf(info);
    const outputs = info.outChannels;
    return { windows, outputs, isDepthwise: true, inputShape, filterShape };
  }
  const info = backend_util.computeConv3DInfo(
    inputShape as Five,
    filterShape as Five,
    strides as number,
    (dilations ?? 1) as number,
    padding as 'same',
  );
  const windows = windowsOf(info);
  return { windows, outputs: info.outChannels, isDepthwise: false, inputShape, filterShape };
}

const outputShape = ({ windows, outputs, inputShape }: Convolution) => [
  inputShape[0]!,
  ...windows.outputs,
  outputs,
];

/** The filter with outputs first: [C·M, 1, R, S], or [K, C, Q, R, S]. */
function outputsFirst(filter: SymbolicTensor, { isDepthwise, outputs }: Convolution): Value {
  if (!isDepthwise) return transpose(rowMajor(filter), [4, 3, 0, 1, 2]);
  const [high, wide] = filter.shape as Four;
  return reshape(transpose(rowMajor(filter), [2, 3, 0, 1]), [outputs, 1, high, wide]);
}

const attributesOf = ({ windows, isDepthwise, inputShape }: Convolution) => ({
  ...windowAttributes(windows),
  dilations: ints(windows.dilations),
  group: int(isDepthwise ? inputShape.at(-1)! : 1),
});

function forward(
  x: SymbolicTensor,
  filter: SymbolicTensor,
  convolution: Convolution,
): SymbolicTensor {
  const shape = outputShape(convolution);
  if (isEmpty(shape) || isEmpty(filter.shape)) return zerosOf(x, shape);
  const outputs = [
    { type: x.type, shape: [shape[0]!, convolution.outputs, ...convolution.windows.outputs] },
  ];
  const inputs = [channelsFirst(x), outputsFirst(filter, convolution)];
  return channelsLast(x.value.graph.emit('Conv', inputs, outputs, attributesOf(convolution))[0]!);
}

function backToInput(
  dy: SymbolicTensor,
  filter: SymbolicTensor,
  convolution: Convolution,
): SymbolicTensor {
  const { inputShape, windows } = convolution;
  if (isEmpty(dy.shape) || isEmpty(inputShape)) return zerosOf(dy, inputShape);
  const outputs = [
    { type: dy.type, shape: [inputShape[0]!, inputShape.at(-1)!, ...windows.inputs] },
  ];
  const attributes = {
    ...attributesOf(convolution),
    output_padding: ints(outputPadding(windows)),
  };
  const inputs = [channelsFirst(dy), outputsFirst(filter, convolution)];
  return channelsLast(dy.value.graph.emit('ConvTranspose', inputs, outputs, attributes)[0]!);
}

/** For each filter element the product of dy with what lies under it. */
function backToFilter(
  x: SymbolicTensor,
  dy: SymbolicTensor,
  convolution: Convolution,
): SymbolicTensor {
  const { windows, isDepthwise, filterShape } = convolution;
  if (isEmpty(filterShape) || isEmpty(dy.shape)) return zerosOf(dy, filterShape);
  const { sizes, strides, dilations, before, outputs } = windows;
  const [items, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const padded = pad(rowMajor(x), [0, ...before, 0], [0, ...reachAfter(windows), 0]);
  const positions = outputs.reduce((a, b) => a * b, items);
  const flow = reshape(
    rowMajor(dy),
    isDepthwise ? [positions, channels, filterShape[3]!] : [positions, filterShape[4]!],
  );
  const places = sizes.reduce<number[][]>(
    (all, size) => all.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
  const products = places.map((place) => {
    const under = slice(
      padded,
      [0, ...place.map((i, axis) => i * dilations[axis]!), 0],
      [items, ...outputs, channels],
      [1, ...strides, 1],
    );
    return isDepthwise
      ? reduceSum(mul(reshape(under, [positions, channels, 1]), flow), [0])
      : matMul(reshape(under, [positions, channels]), flow, { transposeA: true });
  });
  return symbolic(reshape(concat(products, 0), filterShape));
}

type BackToInput = Attributes & { readonly inputShape: number[] };
type BackToFilter = Attributes & { readonly filterShape: number[] };

const lowered = (call: KernelCall<Attributes>): SymbolicTensor => {
  const { x, filter } = call.inputs;
  return forward(x!, filter!, convolutionOf(x!.shape, filter!.shape, call.attributes));
};

const inputGradientOf = (kernelName: string) =>
  lowering<BackToInput>(kernelName, ({ inputs: { dy, filter }, attributes }) =>
    backToInput(dy!, filter!, convolutionOf(attributes.inputShape, filter!.shape, attributes)),
  );

const filterGradientOf = (kernelName: string) =>
  lowering<BackToFilter>(kernelName, ({ inputs: { x, dy }, attributes }) =>
    backToFilter(x!, dy!, convolutionOf(x!.shape, attributes.filterShape, attributes)),
  );

export const otherConvolutionLowerings: readonly Lowering[] = [
  lowering('DepthwiseConv2dNative', lowered),
  inputGradientOf('DepthwiseConv2dNativeBackpropInput'),
  filterGradientOf('DepthwiseConv2dNativeBackpropFilter'),
  lowering<Attributes & FusedAttributes>('FusedDepthwiseConv2D', (call) =>
    withBiasAndActivation(lowered(call), call.inputs, call.attributes),
  ),
  lowering('Conv3D', lowered),
  inputGradientOf('Conv3DBackpropInputV2'),
  filterGradientOf('Conv3DBackpropFilterV2'),
];
