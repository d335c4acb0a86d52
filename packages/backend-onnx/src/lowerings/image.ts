import {
  backend_util,
  type CropAndResizeAttrs,
  type Dilation2DAttrs,
  type RotateWithOffsetAttrs,
} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  cast,
  compare,
  floor,
  logical,
  maximum,
  mul,
  select,
  sub,
} from '../ir/arithmetic.js';
import { dataOf } from '../ir/constant.js';
import type { Value } from '../ir/graph.js';
import { matMul } from '../ir/linear.js';
import { gather, pad, reshape, reverse, slice, sliceAxis } from '../ir/shape.js';
import { rowMajor, type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { counting } from './indexing.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import { isEmpty, reachAfter, windowsOf, zerosOf } from './windows.js';

/** Operations on images that no layout helps. */

type Three = [number, number, number];
type Four = [number, number, number, number];

/** Along one axis of each box: weights of the pixels, [B, outputs, pixels], and what lies inside. */
function crop(
  first: Value,
  last: Value,
  outputs: number,
  pixels: number,
  method: CropAndResizeAttrs['method'],
): { weights: Value; inside: Value } {
  const { graph } = first;
  const boxes = first.shape[0]!;
  const fractions = Array.from({ length: outputs }, (_, i) =>
    outputs > 1 ? i / (outputs - 1) : 0.5,
  );
  const along = graph.constant('float32', dataOf('float32', fractions), [1, outputs]);
  const place = mul(add(first, mul(sub(last, first), along)), pixels - 1);
  const inside = logical(
    'And',
    compare('GreaterOrEqual', place, 0),
    compare('LessOrEqual', place, pixels - 1),
  );
  const at = reshape(place, [boxes, outputs, 1]);
  const every = reshape(cast(counting(graph, pixels), 'float32'), [1, 1, pixels]);
  const weights =
    method === 'nearest'
      ? cast(compare('Equal', floor(add(at, 0.5)), every), 'float32')
      : maximum(sub(1, abs(sub(at, every))), 0);
  return { weights, inside };
}

/** Boxes [y1, x1, y2, x2] of images, in parts of their size, resized to one size. */
function cropAndResize({ inputs, attributes }: KernelCall<CropAndResizeAttrs>): SymbolicTensor {
  const { method, extrapolationValue, cropSize } = attributes;
  const [images, boxes, owners] = [inputs.image!, inputs.boxes!, inputs.boxInd!];
  const [, height, width, channels] = images.shape as Four;
  const count = boxes.shape[0]!;
  const [tall, wide] = cropSize;
  const shape = [count, tall, wide, channels];
  if (isEmpty(shape)) return zerosOf(images, shape, 'float32');
  const edge = (i: number) => sliceAxis(rowMajor(boxes), 1, i, 1);
  const vertical = crop(edge(0), edge(2), tall, height, method);
  const horizontal = crop(edge(1), edge(3), wide, width, method);
  const owned = gather(cast(rowMajor(images), 'float32'), cast(rowMajor(owners), 'int32'), 0);
  const lines = matMul(vertical.weights, reshape(owned, [count, height, width * channels]));
  const columns = reshape(horizontal.weights, [count, 1, wide, width]);
  const resized = matMul(columns, reshape(lines, [count, tall, width, channels]));
  const inside = logical(
    'And',
    reshape(vertical.inside, [count, tall, 1, 1]),
    reshape(horizontal.inside, [count, 1, wide, 1]),
  );
  return symbolic(select(inside, resized, extrapolationValue));
}

/** By an angle that is a plain number, so that where each pixel comes from is known. */
function rotate({ graph, inputs, attributes }: KernelCall<RotateWithOffsetAttrs>): SymbolicTensor {
  const { radians, fillValue, center } = attributes;
  const x = inputs.image!;
  const [items, height, width, channels] = x.shape as Four;
  if (isEmpty(x.shape)) return x;
  const [centreX, centreY] = backend_util.getImageCenter(center, height, width);
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  const sources = Array.from({ length: height * width }, (_, i) => {
    const [dx, dy] = [(i % width) - centreX, Math.floor(i / width) - centreY];
    const column = Math.round(dx * cosine - dy * sine + centreX);
    const row = Math.round(dx * sine + dy * cosine + centreY);
    const isInside = column >= 0 && column < width && row >= 0 && row < height;
    return isInside ? row * width + column : -1;
  });
  const pixels = height * width;
  const constant = (type: 'int32' | 'bool', numbers: number[]) =>
    graph.constant(type, dataOf(type, numbers), type === 'bool' ? [1, pixels, 1] : [pixels]);
  const places = constant(
    'int32',
    sources.map((place) => Math.max(0, place)),
  );
  const isInside = constant(
    'bool',
    sources.map((place) => Number(place >= 0)),
  );
  // Colours as given, and full opacity.
  const fills = Array.from({ length: channels }, (_, channel) =>
    typeof fillValue === 'number' ? fillValue : channel === 3 ? 255 : fillValue[channel]!,
  );
  const fill = graph.constant(x.type, dataOf(x.type, fills), [1, 1, channels]);
  const turned = gather(reshape(rowMajor(x), [items, pixels, channels]), places, 1);
  return symbolic(reshape(select(isInside, turned, fill), x.shape));
}

/** Morphological dilation: the greatest of x + filter over a window. */
function dilate({ inputs, attributes }: KernelCall<Dilation2DAttrs>): SymbolicTensor {
  const [x, filter] = [inputs.x!, inputs.filter!];
  const info = backend_util.computeDilation2DInfo(
    x.shape as Four,
    filter.shape as Three,
    attributes.strides as number,
    attributes.pad,
    'NHWC',
    attributes.dilations as number,
  );
  const windows = windowsOf(info);
  const shape = [x.shape[0]!, ...windows.outputs, x.shape[3]!];
  if (isEmpty(shape)) return zerosOf(x, shape);
  const [top, left] = windows.before as [number, number];
  const [bottom, right] = reachAfter(windows) as [number, number];
  const lowest = Number.NEGATIVE_INFINITY;
  const padded = pad(
    cast(rowMajor(x), 'float32'),
    [0, top, left, 0],
    [0, bottom, right, 0],
    lowest,
  );
  const [high, wide, channels] = filter.shape as Three;
  const heights = reshape(cast(rowMajor(filter), 'float32'), [high * wide, 1, 1, 1, channels]);
  const raised = Array.from({ length: high * wide }, (_, i) => {
    const [row, column] = [Math.floor(i / wide), i % wide];
    const begin = [0, row * info.dilationHeight, column * info.dilationWidth, 0];
    const under = slice(padded, begin, shape, [1, info.strideHeight, info.strideWidth, 1]);
    return add(under, reshape(sliceAxis(heights, 0, i, 1), [1, 1, 1, channels]));
  });
  const greatest = raised.reduce((most, next) => maximum(most, next));
  return symbolic(cast(greatest, x.type));
}

export const imageLowerings: readonly Lowering[] = [
  lowering('CropAndResize', cropAndResize),
  lowering('RotateWithOffset', rotate),
  lowering('FlipLeftRight', ({ inputs }) =>
    isEmpty(inputs.image!.shape) ? inputs.image! : symbolic(reverse(rowMajor(inputs.image!), [2])),
  ),
  lowering('Dilation2D', dilate),
];
