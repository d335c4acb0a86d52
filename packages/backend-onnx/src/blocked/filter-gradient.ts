import type { ConvGeometry } from '../graph/convolution.js';
import type { Graph, Value } from '../graph/graph.js';
import { pad, reshape, sliceAxis, transpose } from '../graph/shape.js';
import { blockRows, unblockFilter, unblockRows } from './filters.js';
import { convolveDeclared, pointwise } from './operators.js';

/** Bytes of dy for one block of outputs that should stay in a core's cache. */
const CACHE = 1e6;

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

/** Whether `blockedFilterGradient` serves: whole blocks of items too, and stride and dilation 1. */
export function hasBlockedForm(
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
export function blockedFilterGradient(
  x: Value,
  dy: Value,
  filterShape: Four,
  geometry: ConvGeometry,
): Value {
  const isPointwise =
    filterShape[2] * filterShape[3] === 1 && geometry.padding.every((count) => count === 0);
  return isPointwise ? ofPoints(x, dy, filterShape) : dilated(x, dy, filterShape, geometry);
}

/** [N, C/b, H, W, b] with the items in blocks: [N/b, C/b, H, W, (c, n)]. */
function withItemsLast(x: Value): Value {
  const [items, groups, height, width, b] = x.shape as Five;
  const itemsLast = blockRows(reshape(x, [items, groups * height * width * b]));
  return reshape(itemsLast, [items / b, groups, height, width, b * b]);
}

/**
 * The output is only R × S, too narrow to keep the vector units busy. So the image is laid out with
 * the channels of a block beside the columns, W·b wide, and the filter is dilated by b: then the
 * output is S·b wide.
 */
function dilated(x: Value, dy: Value, filterShape: Four, { padding }: ConvGeometry): Value {
  const [outputs, , rows, columns] = filterShape;
  const [items, groups, height, width, b] = x.shape as Five;
  const [, , high, wide] = dy.shape as Five;
  const [top, , left, right] = padding;

  // Each block of channels is an image of its own. Missing rows the convolution skips by itself;
  // missing columns would make it look at each pixel, so they are put there.
  const byBlock = transpose(withItemsLast(x), [1, 0, 2, 3, 4]);
  const framed = pad(byBlock, [0, 0, 0, left, 0], [0, 0, 0, right, 0]);
  const bands = bandsOf(high, items * high * wide * b * 4);
  const band = high / bands;
  const filters = transpose(
    reshape(dy, [items / b, b, outputs / b, bands, band * wide, b]),
    [3, 2, 0, 4, 1, 5],
  );
  let sum: Value | null = null;
  for (let i = 0; i < bands; i++) {
    const begin = i * band - top;
    const end = begin + band + rows - 1;
    const [first, last] = [Math.max(0, begin), Math.min(height, end)];
    const strip = sliceAxis(framed, 2, first, last - first);
    sum = convolveDeclared({
      x: reshape(strip, [groups, items, last - first, (left + width + right) * b]),
      filter: reshape(sliceAxis(filters, 0, i, 1), [outputs, items, band, wide]),
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
function ofPoints(x: Value, dy: Value, filterShape: Four): Value {
  const [outputs, inputs] = filterShape;
  const [items, groups, height, width, b] = x.shape as Five;
  const positions = items * height * width;
  // [N/b, H·W, C, n] beside [K/b, N/b, H·W, n, k].
  const byPosition = transpose(
    reshape(withItemsLast(x), [items / b, groups, height * width, b * b]),
    [0, 2, 1, 3],
  );
  const filter = transpose(
    reshape(dy, [items / b, b, outputs / b, height * width, b]),
    [2, 0, 3, 1, 4],
  );
  const product = convolveDeclared({
    x: reshape(byPosition, [1, positions, 1, inputs]),
    filter: reshape(filter, [outputs, positions, 1, 1]),
    geometry: pointwise,
  });
  return reshape(unblockRows(product, outputs), filterShape);
}
