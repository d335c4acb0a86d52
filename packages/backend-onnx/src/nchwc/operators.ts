import { mul } from '../ir/arithmetic.js';
import { type ConvGeometry, convOutput } from '../ir/convolution.js';
import { type Attributes, int, ints, text, type Value } from '../ir/graph.js';
import { reshape } from '../ir/shape.js';
import { declared, undeclared } from './reorder.js';

/** ONNX Runtime's operators on images in NCHWc. */

const DOMAIN = 'com.microsoft.nchwc';

/** What the blocked convolution takes; images and filters are declared [N, C, H, W], [K, C/g, R, S]. */
export interface BlockedConvolution {
  readonly x: Value;
  readonly filter: Value;
  readonly bias?: Value | null;
  /** An image of the output's shape that is added, at no cost. */
  readonly sum?: Value | null;
  readonly geometry: ConvGeometry;
  readonly groups?: number;
}

export function convolveDeclared(convolution: BlockedConvolution): Value {
  const { x, filter, bias = null, sum = null, geometry, groups = 1 } = convolution;
  const [items, , height, width] = x.shape as [number, number, number, number];
  const [outputs, , rows, columns] = filter.shape as [number, number, number, number];
  const [top, bottom, left, right] = geometry.padding;
  const size = convOutput([height, width], [rows, columns], geometry);
  const inputs = [x, filter, bias, sum];
  while (inputs.at(-1) === null) inputs.pop();
  const attributes = {
    kernel_shape: ints([rows, columns]),
    strides: ints(geometry.strides),
    pads: ints([top, left, bottom, right]),
    dilations: ints(geometry.dilations),
    group: int(groups),
  };
  const results = [{ type: x.type, shape: [items, outputs, ...size] }];
  return x.graph.emit('Conv', inputs, results, attributes, DOMAIN)[0]!;
}

/** NCHWc from NCHWc; the filter is in blocks too (`blockFilter`). */
export function convolveNchwc(
  x: Value,
  filter: Value,
  bias: Value | null,
  geometry: ConvGeometry,
): Value {
  return undeclared(convolveDeclared({ x: declared(x), filter, bias, geometry }));
}

/** One pixel at a time. */
export const pointwise: ConvGeometry = {
  strides: [1, 1],
  padding: [0, 0, 0, 0],
  dilations: [1, 1],
};

/**
 * x·scale + offset for each item and channel ([N, C] each), and an image that is added: one pass. As
 * one column of pixels, since each row costs the runtime some time of its own.
 */
export function affineNchwc(
  x: Value,
  scale: Value,
  offset: Value | null,
  sum: Value | null = null,
): Value {
  const [items, groups, height, width, size] = x.shape as [number, number, number, number, number];
  const channels = items * groups * size;
  const column = [1, channels, height * width, 1];
  const moved = convolveDeclared({
    x: reshape(x, column),
    filter: reshape(scale, [channels, 1, 1, 1]),
    bias: offset === null ? null : reshape(offset, [channels]),
    sum: sum === null ? null : reshape(sum, column),
    geometry: pointwise,
    groups: channels,
  });
  return reshape(moved, x.shape);
}

/** The mean of each channel of each item, [N, C]. */
export function channelMeans(x: Value): Value {
  const image = declared(x);
  const [items, channels] = image.shape as [number, number];
  const outputs = [{ type: x.type, shape: [items, channels, 1, 1] }];
  const [means] = x.graph.emit('GlobalAveragePool', [image], outputs, {}, DOMAIN);
  return reshape(means!, [items, channels]);
}

/**
 * The mean of a·b over each channel of each item, [N, C], without the products being written: each
 * channel is an image of its own, and the other one's the filter that covers it.
 */
export function channelProductMeans(a: Value, b: Value): Value {
  const [items, groups, height, width, size] = a.shape as [number, number, number, number, number];
  const channels = items * groups * size;
  const area = height * width;
  const sums = convolveDeclared({
    x: reshape(a, [1, channels, area, 1]),
    filter: reshape(b, [channels, 1, area, 1]),
    geometry: pointwise,
    groups: channels,
  });
  return mul(reshape(sums, [items, groups * size]), 1 / area);
}

/** Repeats each pixel. */
export function upsampleNchwc(x: Value, factor: readonly [number, number]): Value {
  const image = declared(x);
  const [items, channels, height, width] = image.shape as [number, number, number, number];
  const shape = [items, channels, height * factor[0], width * factor[1]];
  const attributes = { scales: ints([1, 1, ...factor]), mode: text('nearest') };
  return undeclared(
    x.graph.emit('Upsample', [image], [{ type: x.type, shape }], attributes, DOMAIN)[0]!,
  );
}

/** The mean of each tile of pixels. */
export function tileMeans(x: Value, tile: readonly [number, number]): Value {
  const image = declared(x);
  const [items, channels, height, width] = image.shape as [number, number, number, number];
  const shape = [items, channels, height / tile[0], width / tile[1]];
  const attributes = {
    kernel_shape: ints(tile),
    strides: ints(tile),
    pads: ints([0, 0, 0, 0]),
    dilations: ints([1, 1]),
  };
  return undeclared(
    x.graph.emit('AveragePool', [image], [{ type: x.type, shape }], attributes, DOMAIN)[0]!,
  );
}

/** The mean over an odd window around each pixel; zeros beyond the border count. */
export const windowMeans = (x: Value, window: number) =>
  overWindows('AveragePool', x, window, { count_include_pad: int(1) });

/** The maximum of an odd window around each pixel. */
export const windowMaxima = (x: Value, window: number) =>
  overWindows('MaxPool', x, window, { storage_order: int(0) });

function overWindows(operator: string, x: Value, window: number, more: Attributes): Value {
  const image = declared(x);
  const reach = (window - 1) / 2;
  const attributes = {
    kernel_shape: ints([window, window]),
    strides: ints([1, 1]),
    pads: ints([reach, reach, reach, reach]),
    dilations: ints([1, 1]),
    ...more,
  };
  const outputs = [{ type: x.type, shape: image.shape }];
  return undeclared(x.graph.emit(operator, [image], outputs, attributes, DOMAIN)[0]!);
}
