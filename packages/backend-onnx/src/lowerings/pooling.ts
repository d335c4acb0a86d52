import type { PoolAttributes } from '@tweedie/autodiff';
import { sizeOf } from '@tweedie/core';
import { add, cast, compare, div, mul, select, sub } from '../ir/arithmetic.js';
import { dataOf, scalar } from '../ir/constant.js';
import { int, ints, text, type Value } from '../ir/graph.js';
import { expand, pad, reshape, slice } from '../ir/shape.js';
import type { SymbolicTensor } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import {
  channelsFirst,
  channelsLast,
  isEmpty,
  outputPadding,
  poolWindows,
  reachAfter,
  type Windows,
  windowAttributes,
  zerosOf,
} from './windows.js';

// Pooling of tfjs, in two and three dimensions. Values have channels first here.

/** ONNX takes less padding than the window is wide. */
function hasShortPadding(windows: Windows): boolean {
  const { sizes, before } = windows;
  const after = reachAfter(windows);
  return sizes.every((size, axis) => before[axis]! < size && after[axis]! < size);
}

/** Where there is more, the tensor is padded. */
function withExplicitPadding(
  x: Value,
  windows: Windows,
  fill: number,
): { x: Value; windows: Windows } {
  if (hasShortPadding(windows)) return { x, windows };
  const { before, inputs } = windows;
  const after = reachAfter(windows);
  return {
    x: pad(x, [0, 0, ...before], [0, 0, ...after], fill),
    windows: {
      ...windows,
      before: before.map(() => 0),
      inputs: inputs.map((extent, axis) => before[axis]! + extent + after[axis]!),
    },
  };
}

const outputShape = (x: Value, { outputs }: Windows) => [x.shape[0]!, x.shape[1]!, ...outputs];

/** The maximum of each window, and its index among all elements of the padded x. */
function maxPoolWithIndices(x: Value, given: Windows) {
  const { x: values, windows } = withExplicitPadding(x, given, Number.NEGATIVE_INFINITY);
  const shape = outputShape(x, windows);
  const [maxima, indices] = values.graph.emit(
    'MaxPool',
    [values],
    [
      { type: x.type, shape },
      { type: 'int64', shape },
    ],
    // An attribute apart: without the indices there is a faster form of the operator.
    { ...windowAttributes(windows), storage_order: int(0) },
  );
  return { maxima: maxima!, indices: indices!, paddedShape: values.shape };
}

function maxPool(x: Value, given: Windows): Value {
  const { x: values, windows } = withExplicitPadding(x, given, Number.NEGATIVE_INFINITY);
  const outputs = [{ type: x.type, shape: outputShape(x, windows) }];
  const [maxima] = x.graph.emit('MaxPool', [values], outputs, windowAttributes(windows));
  // The runtime joins the padding to the pooling, and gives the lowest number for a window in it.
  return windowCounts(given).includes(0)
    ? select(compare('Greater', windowSizes(x, given), 0), maxima!, Number.NEGATIVE_INFINITY)
    : maxima!;
}

/** How many elements each window covers that are not padding, row-major. */
function windowCounts({ sizes, strides, before, inputs, outputs }: Windows): number[] {
  const along = outputs.map((count, axis) =>
    Array.from({ length: count }, (_, i) => {
      const start = i * strides[axis]! - before[axis]!;
      return Math.max(0, Math.min(inputs[axis]!, start + sizes[axis]!) - Math.max(0, start));
    }),
  );
  return along.reduce((all, next) => all.flatMap((a) => next.map((b) => a * b)), [1]);
}

/** The same as a constant [1, 1, …outputs]. */
const windowSizes = (x: Value, windows: Windows): Value =>
  x.graph.constant('float32', dataOf('float32', windowCounts(windows)), [1, 1, ...windows.outputs]);

function averagePool(x: Value, windows: Windows): Value {
  const outputs = [{ type: x.type, shape: outputShape(x, windows) }];
  if (hasShortPadding(windows)) {
    return x.graph.emit('AveragePool', [x], outputs, windowAttributes(windows))[0]!;
  }
  // Sums by a convolution, which takes any padding. The runtime would join an explicit one to the
  // pooling and refuse it there.
  const [items, channels] = x.shape as [number, number];
  const images = reshape(x, [items * channels, 1, ...windows.inputs]);
  const ones = expand(scalar(x.graph, 'float32', 1), [1, 1, ...windows.sizes]);
  const shape = [items * channels, 1, ...windows.outputs];
  const [sums] = x.graph.emit(
    'Conv',
    [images, ones],
    [{ type: x.type, shape }],
    windowAttributes(windows),
  );
  return div(reshape(sums!, outputs[0]!.shape), windowSizes(x, windows));
}

/** What flows back through the means: shares of dy, added up by a transposed convolution. */
function averagePoolGradient(dy: Value, windows: Windows): Value {
  const [items, channels] = dy.shape as [number, number];
  const share = reshape(div(dy, windowSizes(dy, windows)), [
    items * channels,
    1,
    ...windows.outputs,
  ]);
  const one = scalar(dy.graph, 'float32', 1);
  const ones = expand(one, [1, 1, ...windows.sizes]);
  const outputs = [{ type: dy.type, shape: [items * channels, 1, ...windows.inputs] }];
  const attributes = {
    ...windowAttributes(windows),
    output_padding: ints(outputPadding(windows)),
  };
  const [back] = dy.graph.emit('ConvTranspose', [share, ones], outputs, attributes);
  return reshape(back!, [items, channels, ...windows.inputs]);
}

const flat = (x: Value) => reshape(x, [sizeOf(x.shape)]);

/** dy added up where the maxima are. */
function maxPoolGradient(x: Value, dy: Value, windows: Windows): Value {
  const { indices, paddedShape } = maxPoolWithIndices(x, windows);
  const zeros = expand(scalar(x.graph, dy.type, 0), [sizeOf(paddedShape)]);
  const [sums] = x.graph.emit(
    'ScatterElements',
    [zeros, flat(indices), flat(dy)],
    [{ type: dy.type, shape: zeros.shape }],
    { axis: int(0), reduction: text('add') },
  );
  return slice(
    reshape(sums!, paddedShape),
    paddedShape.map((extent, axis) => (extent === x.shape[axis] ? 0 : windows.before[axis - 2]!)),
    x.shape,
  );
}

/** Values from where the maxima are. */
function gatherAtMaxima(x: Value, values: Value, windows: Windows): Value {
  const { indices, maxima, paddedShape } = maxPoolWithIndices(x, windows);
  const before = paddedShape.map((extent, axis) =>
    extent === x.shape[axis] ? 0 : windows.before[axis - 2]!,
  );
  const after = paddedShape.map((extent, axis) => extent - x.shape[axis]! - before[axis]!);
  const outputs = [{ type: values.type, shape: [sizeOf(maxima.shape)] }];
  const [picked] = x.graph.emit(
    'GatherElements',
    [flat(pad(values, before, after)), flat(indices)],
    outputs,
    { axis: int(0) },
  );
  return reshape(picked!, maxima.shape);
}

/** Pooling of one tensor; whole numbers are pooled as float32. */
const pooling = (kernelName: string, compute: (x: Value, windows: Windows) => Value): Lowering =>
  lowering<PoolAttributes>(kernelName, ({ inputs, attributes }) => {
    const x = inputs.x!;
    const windows = poolWindows(x.shape, attributes);
    const shape = [x.shape[0]!, ...windows.outputs, x.shape.at(-1)!];
    if (isEmpty(shape)) return zerosOf(x, shape);
    const pooled = compute(cast(channelsFirst(x), 'float32'), windows);
    return channelsLast(cast(pooled, x.type));
  });

/** tfjs's own gradients of pooling, which take dy beside the input. */
const poolingGradient = (
  kernelName: string,
  compute: (x: Value, dy: Value, windows: Windows) => Value,
): Lowering =>
  lowering<PoolAttributes>(kernelName, ({ inputs, attributes }) => {
    const [x, dy] = [inputs.input!, inputs.dy!];
    if (isEmpty(dy.shape)) return zerosOf(dy, x.shape);
    const windows = poolWindows(x.shape, attributes);
    return channelsLast(compute(channelsFirst(x), channelsFirst(dy), windows));
  });

interface ArgmaxAttributes extends PoolAttributes {
  readonly includeBatchInIndex: boolean;
}

/** tfjs counts indices in [H, W, C] of an item, or in all of [N, H, W, C]. */
function maxPoolWithArgmax({
  graph,
  inputs,
  attributes,
}: KernelCall<ArgmaxAttributes>): SymbolicTensor[] {
  const x = inputs.x!;
  const windows = poolWindows(x.shape, attributes);
  const [items, height, width, channels] = x.shape as [number, number, number, number];
  const { maxima, indices } = maxPoolWithIndices(channelsFirst(x), windows);
  const constant = (numbers: number[], shape: number[]) =>
    graph.constant('int32', dataOf('int32', numbers), shape);
  const count = (length: number) => Array.from({ length }, (_, i) => i);
  const pixels = height * width;
  const firstPixels = count(items * channels).map((image) => image * pixels);
  const pixel = sub(cast(indices, 'int32'), constant(firstPixels, [items, channels, 1, 1]));
  let index = add(mul(pixel, channels), constant(count(channels), [1, channels, 1, 1]));
  if (attributes.includeBatchInIndex) {
    const starts = count(items).map((item) => item * pixels * channels);
    index = add(index, constant(starts, [items, 1, 1, 1]));
  }
  return [channelsLast(maxima), channelsLast(index)];
}

interface WindowsAttribute {
  readonly windows: Windows;
}

export const poolingLowerings: readonly Lowering[] = [
  pooling('AvgPool', averagePool),
  pooling('AvgPool3D', averagePool),
  pooling('MaxPool', maxPool),
  pooling('MaxPool3D', maxPool),
  poolingGradient('AvgPoolGrad', (_x, dy, windows) => averagePoolGradient(dy, windows)),
  poolingGradient('AvgPool3DGrad', (_x, dy, windows) => averagePoolGradient(dy, windows)),
  poolingGradient('MaxPoolGrad', maxPoolGradient),
  poolingGradient('MaxPool3DGrad', maxPoolGradient),
  lowering('MaxPoolWithArgmax', maxPoolWithArgmax),
  lowering<WindowsAttribute>('TweedieWindowMaxSpread', ({ inputs, attributes: { windows } }) => {
    const [x, dy] = [inputs.x!, inputs.dy!];
    if (isEmpty(dy.shape)) return zerosOf(dy, x.shape);
    return channelsLast(maxPoolGradient(channelsFirst(x), channelsFirst(dy), windows));
  }),
  lowering<WindowsAttribute>('TweedieWindowMaxPick', ({ inputs, attributes: { windows } }) => {
    const [x, values] = [inputs.x!, inputs.values!];
    const shape = [x.shape[0]!, ...windows.outputs, x.shape.at(-1)!];
    if (isEmpty(shape)) return zerosOf(values, shape);
    return channelsLast(gatherAtMaxima(channelsFirst(x), channelsFirst(values), windows));
  }),
];
