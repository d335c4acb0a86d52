import type { ConvGeometry } from './convolution.js';
import type { Value } from './graph.js';
import { matMul } from './linear.js';
import { concat, pad, reshape, slice, transpose } from './shape.js';

/** Up to this many columns one product of gathered pixels beats one product a filter element. */
const MOST_GATHERED = 64;

/**
 * The gradient of a convolution's filter, [K, C, R, S]: for each filter element the product of dy
 * with the pixels under it. This is far faster than a convolution with the batch as channels.
 *
 * @param x pixels [N, H, W, C]
 * @param dy pixels [N, OH, OW, K]
 */
export function filterGradient(
  x: Value,
  dy: Value,
  filterShape: readonly [number, number, number, number],
  geometry: ConvGeometry,
): Value {
  const [outputs, inputs, rows, columns] = filterShape;
  const [strideY, strideX] = geometry.strides;
  const taps = rows * columns;
  const isPlain = strideY === 1 && strideX === 1;
  if (isPlain && outputs * taps <= MOST_GATHERED && outputs < inputs) {
    return gradientOfFewOutputs(x, dy, filterShape, geometry);
  }
  const [items, high, wide] = dy.shape as [number, number, number];
  const [top, bottom, left, right] = geometry.padding;
  const padded = pad(x, [0, top, left, 0], [0, bottom, right, 0]);
  const positions = items * high * wide;
  const gradients = reshape(dy, [positions, outputs]);
  const under = tapOffsets(filterShape, geometry).map(([row, column]) => {
    const pixels = slice(
      padded,
      [0, row, column, 0],
      [items, high, wide, inputs],
      [1, strideY, strideX, 1],
    );
    return reshape(pixels, [positions, inputs]);
  });
  if (taps > 1 && inputs * taps <= MOST_GATHERED) {
    const product = matMul(gradients, concat(under, 1), { transposeA: true });
    return fromTaps(product, [outputs, rows, columns, inputs], [0, 3, 1, 2]);
  }
  const products = under.map((pixels) => matMul(gradients, pixels, { transposeA: true }));
  const stacked = concat(products, 0);
  return fromTaps(stacked, [rows, columns, outputs, inputs], [2, 3, 0, 1]);
}

/** The same at stride 1 with the roles exchanged: of x with the pixels of dy that it reaches. */
function gradientOfFewOutputs(
  x: Value,
  dy: Value,
  filterShape: readonly [number, number, number, number],
  geometry: ConvGeometry,
): Value {
  const [outputs, inputs, rows, columns] = filterShape;
  const [items, height, width] = x.shape as [number, number, number];
  const [high, wide] = dy.shape.slice(1) as [number, number];
  const [top, , left] = geometry.padding;
  const offsets = tapOffsets(filterShape, geometry);
  // x at q meets dy at q + padding − offset.
  const [lastY, lastX] = offsets.at(-1)!;
  const before = [Math.max(0, lastY - top), Math.max(0, lastX - left)] as const;
  const after = [Math.max(0, height + top - high), Math.max(0, width + left - wide)] as const;
  const padded = pad(dy, [0, ...before, 0], [0, ...after, 0]);
  const positions = items * height * width;
  const reaching = offsets.map(([row, column]) => {
    const begin = [0, before[0] + top - row, before[1] + left - column, 0];
    return reshape(slice(padded, begin, [items, height, width, outputs]), [positions, outputs]);
  });
  const product = matMul(reshape(x, [positions, inputs]), concat(reaching, 1), {
    transposeA: true,
  });
  return fromTaps(product, [inputs, rows, columns, outputs], [3, 0, 1, 2]);
}

function fromTaps(product: Value, shape: readonly number[], order: readonly number[]): Value {
  return transpose(reshape(product, shape), order);
}

/** Where each filter element looks in the padded image, row-major. */
function tapOffsets(
  [, , rows, columns]: readonly [number, number, number, number],
  { dilations }: ConvGeometry,
): [number, number][] {
  const offsets: [number, number][] = [];
  for (let r = 0; r < rows; r++) {
    for (let s = 0; s < columns; s++) offsets.push([r * dilations[0], s * dilations[1]]);
  }
  return offsets;
}
