import { scalar } from '../ir/constant.js';
import type { ConvGeometry } from '../ir/convolution.js';
import type { Graph, Value } from '../ir/graph.js';
import { concat, expand, gather, reshape, transpose } from '../ir/shape.js';
import { blockRows, unblockFilter, unblockRows } from './filters.js';
import { convolveDeclared, pointwise } from './operators.js';

/** Bytes of dy for one block of outputs that should stay in a core's cache. */
const CACHE = 4e5;

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

/** Whether `filterGradientNchwc` serves: whole blocks of items too, and stride and dilation 1. */
export function hasFilterGradientNchwc(
  [items]: readonly number[],
  [outputs, inputs]: readonly number[],
  { strides, dilations }: ConvGeometry,
  { blockSize }: Graph,
): boolean {
  const wholeBlocks = [items, outputs, inputs].every((count) => count! % blockSize === 0);
  return wholeBlocks && [...strides, ...dilations].every((step) => step === 1);
}

/**
 * The gradient of a filter as one blocked convolution, in which items are the channels and dy is the
 * filter.
 *
 * @param x [N, C/b, H, W, b]
 * @param dy [N, K/b, OH, OW, b]
 * @returns [K, C, R, S]
 */
export function filterGradientNchwc(
  x: Value,
  dy: Value,
  filterShape: Four,
  geometry: ConvGeometry,
): Value {
  const isPointwise =
    filterShape[2] * filterShape[3] === 1 && geometry.padding.every((count) => count === 0);
  return isPointwise
    ? pointwiseGradient(x, dy, filterShape)
    : dilatedGradient(x, dy, filterShape, geometry);
}

/**
 * The output is only R × S, too narrow to keep the vector units busy. So the image is laid out with
 * the channels of a block beside the columns, W·b wide, and the filter is dilated by b: then the
 * output is S·b wide. The image comes in bands of rows, so that a block of the filter fits the cache.
 */
function dilatedGradient(x: Value, dy: Value, filterShape: Four, { padding }: ConvGeometry): Value {
  const [outputs, , rows, columns] = filterShape;
  const [items, groups, height, width, b] = x.shape as Five;
  const [, , high, wide] = dy.shape as Five;
  const [top, , left, right] = padding;

  // Missing rows the convolution skips by itself; for missing columns it would look at each pixel.
  const framed = concat([zeroColumns(x, left), x, zeroColumns(x, right)], 3);
  const broad = left + width + right;
  const lines = reshape(itemsLast(framed), [(items / b) * groups * height, broad * b * b]);
  const bands = bandsOf(high, items * high * wide * b * 4);
  const band = high / bands;
  let sum: Value | null = null;
  for (let i = 0; i < bands; i++) {
    const begin = i * band - top;
    const end = begin + band + rows - 1;
    const [first, last] = [Math.max(0, begin), Math.min(height, end)];
    // Each block of channels is an image of its own.
    const strip = gatherRows(lines, first, [
      { extent: groups, stride: height },
      { extent: items / b, stride: groups * height },
      { extent: last - first, stride: 1 },
    ]);
    sum = convolveDeclared({
      x: reshape(strip, [groups, items, last - first, broad * b]),
      filter: reshape(filtersOf(dy, i * band * wide, band * wide), [outputs, items, band, wide]),
      sum,
      geometry: {
        strides: [1, 1],
        padding: [first - begin, end - last, 0, 0],
        dilations: [1, b],
      },
    });
  }
  const blocks = transpose(reshape(sum!, [groups, outputs / b, rows * columns * b * b]), [1, 0, 2]);
  return unblockFilter(blocks, filterShape);
}

/** The smallest number of equal bands of rows, up to eight, that each fit the cache. */
function bandsOf(high: number, bytes: number): number {
  const divisors = [1, 2, 3, 4, 5, 6, 7, 8].filter((bands) => high % bands === 0);
  return divisors.find((bands) => bytes / bands <= CACHE) ?? divisors.at(-1)!;
}

/** For filters of one element: a product over all positions, which become channels. */
function pointwiseGradient(x: Value, dy: Value, filterShape: Four): Value {
  const [outputs, inputs] = filterShape;
  const [items, groups, height, width, b] = x.shape as Five;
  const area = height * width;
  const pixels = reshape(itemsLast(x), [(items / b) * groups * area, b * b]);
  const byPosition = gatherRows(pixels, 0, [
    { extent: items / b, stride: groups * area },
    { extent: area, stride: 1 },
    { extent: groups, stride: area },
  ]);
  const product = convolveDeclared({
    x: reshape(byPosition, [1, items * area, 1, inputs]),
    filter: reshape(filtersOf(dy, 0, area), [outputs, items * area, 1, 1]),
    geometry: pointwise,
  });
  return reshape(unblockRows(product, outputs), filterShape);
}

function zeroColumns(x: Value, count: number): Value {
  const [items, groups, height, , b] = x.shape as Five;
  return expand(scalar(x.graph, x.type, 0), [items, groups, height, count, b]);
}

/** [N, C/b, H, W, b] with the items in blocks: [N/b, C/b, H, W, (c, n)]. */
function itemsLast(x: Value): Value {
  const [items, groups, height, width, b] = x.shape as Five;
  return blockRows(reshape(x, [items, groups * height * width * b]));
}

/**
 * Some positions of dy [N, K/b, H, W, b] as a filter in blocks, whose channels are the items:
 * [K/b, N/b, positions, n, k].
 */
function filtersOf(dy: Value, begin: number, count: number): Value {
  const [items, groups, height, width, b] = dy.shape as Five;
  const area = height * width;
  return gatherRows(reshape(dy, [items * groups * area, b]), begin, [
    { extent: groups, stride: area },
    { extent: items / b, stride: b * groups * area },
    { extent: count, stride: 1 },
    { extent: b, stride: groups * area },
  ]);
}

interface Axis {
  readonly extent: number;
  /** How many rows further the next one along this axis is. */
  readonly stride: number;
}

/** Rows of a matrix, from a first one on, in another order. Unlike a transpose it uses all threads. */
function gatherRows(matrix: Value, first: number, axes: readonly Axis[]): Value {
  let order = Int32Array.of(first);
  for (const { extent, stride } of axes) {
    const longer = new Int32Array(order.length * extent);
    for (let from = 0, to = 0; from < order.length; from++) {
      const row = order[from]!;
      for (let i = 0; i < extent; i++) longer[to++] = row + i * stride;
    }
    order = longer;
  }
  return gather(matrix, matrix.graph.constant('int32', order, [order.length]), 0);
}
