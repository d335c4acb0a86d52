import type { ConvGeometry } from '../graph/convolution.js';
import type { Graph, Value } from '../graph/graph.js';
import { reduceSum } from '../graph/reduction.js';
import { concat, pad, reshape, sliceAxis, transpose } from '../graph/shape.js';
import { blockRows, unblockFilter } from './filters.js';
import { convolveDeclared } from './operators.js';

/** Bytes of dy for one block of outputs that should stay in a core's cache. */
const CACHE = 1e6;

type Five = [number, number, number, number, number];

/** Whether `dilatedFilterGradient` serves: whole blocks of items too, and stride and dilation 1. */
export function hasDilatedForm(
  [items]: readonly number[],
  [outputs, inputs]: readonly number[],
  { strides, dilations }: ConvGeometry,
  { blockSize }: Graph,
): boolean {
  const wholeBlocks = [items, outputs, inputs].every((count) => count! % blockSize === 0);
  return wholeBlocks && [...strides, ...dilations].every((step) => step === 1);
}

/**
 * The gradient of a filter as one blocked convolution. With items as channels and dy as the filter
 * it is a convolution whose output, R × S, is too narrow to keep the vector units busy. So the
 * image is laid out with the channels beside the columns, W·c wide, and the filter is dilated by c:
 * then the output is S·c wide.
 *
 * @param x [N, C/b, H, W, b]
 * @param dy [N, K/b, OH, OW, b]
 * @returns [K, C, R, S]
 */
export function dilatedFilterGradient(
  x: Value,
  dy: Value,
  filterShape: [number, number, number, number],
  { padding }: ConvGeometry,
): Value {
  const { blockSize: b } = x.graph;
  const [outputs, inputs, rows, columns] = filterShape;
  const [items, groups, height, width] = x.shape as Five;
  const [, , high, wide] = dy.shape as Five;
  const [top, bottom, left, right] = padding;
  const [tall, broad] = [height + top + bottom, width + left + right];

  // Items become the channels, and each block of channels an image of its own:
  // [C/b, N/b, H, W, (c, n)].
  const itemsLast = blockRows(reshape(x, [items, inputs * height * width]));
  const byBlock = transpose(
    reshape(itemsLast, [items / b, groups, height * width, b * b]),
    [1, 0, 2, 3],
  );
  const framed = pad(
    reshape(byBlock, [groups * (items / b), height, width, b * b]),
    [0, top, left, 0],
    [0, bottom, right, 0],
  );

  // Bands of rows, summed in the end, so that a block of the filter fits the cache.
  const bands = bandsOf(high, items * high * wide * b * 4);
  const band = high / bands;
  const reach = band + rows - 1;
  const strips = reshape(framed, [groups, items / b, tall, broad * b * b]);
  const image = concat(
    Array.from({ length: bands }, (_, i) => sliceAxis(strips, 2, i * band, reach)),
    1,
  );
  const filter = transpose(
    reshape(dy, [items / b, b, outputs / b, bands, band * wide, b]),
    [3, 2, 0, 4, 1, 5],
  );
  const product = convolveDeclared(
    reshape(image, [groups, bands * items, reach, broad * b]),
    reshape(filter, [bands * outputs, items, band, wide]),
    null,
    { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, b] },
    bands,
  );
  const sum = reduceSum(reshape(product, [groups, bands, outputs * rows * columns * b]), [1]);
  const blocks = transpose(reshape(sum, [groups, outputs / b, rows * columns * b * b]), [1, 0, 2]);
  return unblockFilter(blocks, filterShape);
}

/** The smallest number of equal bands, up to eight, that each fit the cache; else the largest. */
function bandsOf(high: number, bytes: number): number {
  const divisors = [1, 2, 3, 4, 5, 6, 7, 8].filter((bands) => high % bands === 0);
  return divisors.find((bands) => bytes / bands <= CACHE) ?? divisors.at(-1)!;
}
