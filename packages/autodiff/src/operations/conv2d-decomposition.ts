import {
  add,
  conv2d,
  pad,
  reshape,
  reverse,
  slice,
  stridedSlice,
  type Tensor,
  type Tensor4D,
  transpose,
} from '@tensorflow/tfjs-core';
import type { Composite } from './composite.js';
import type { ConvGeometry } from './conv-geometry.js';

// Filters are OIHW, [K, C, R, S]; images NHWC. All three kernels become one forward convolution of
// tfjs, the one kernel that every backend has and runs fast, with any stride and dilation.

type Extents = [number, number, number, number];
const extents = (t: Tensor) => t.shape as Extents;

export const forward: Composite<
  { readonly x: Tensor; readonly filter: Tensor; readonly bias?: Tensor },
  ConvGeometry
> = {
  kernelName: 'TweedieConv2D',
  decompose({ x, filter, bias }, geometry) {
    const y = convolve(x, transpose(filter, [2, 3, 1, 0]), geometry);
    return bias === undefined ? y : add(y, bias);
  },
};

/** The transposed convolution: dy, spread by the strides, under the filter turned by half a turn. */
export const inputGradient: Composite<
  { readonly dy: Tensor; readonly filter: Tensor },
  ConvGeometry & { readonly inputShape: readonly number[] }
> = {
  kernelName: 'TweedieConv2DInputGrad',
  decompose({ dy, filter }, { inputShape, strides, padding, dilations }) {
    const [, height, width] = inputShape as Extents;
    const [, rows, columns] = extents(dy);
    const [, , filterRows, filterColumns] = extents(filter);
    const turned = reverse(transpose(filter, [2, 3, 0, 1]), [0, 1]);
    const [top, , left] = padding;
    return convolve(insertZeros(dy, strides), turned, {
      strides: [1, 1],
      padding: [
        dilations[0] * (filterRows - 1) - top,
        height - rows * strides[0] + top,
        dilations[1] * (filterColumns - 1) - left,
        width - columns * strides[1] + left,
      ],
      dilations,
    });
  },
};

/** x under dy, with the batch as channels: strides and dilations change places. */
export const filterGradient: Composite<
  { readonly x: Tensor; readonly dy: Tensor },
  ConvGeometry & { readonly filterShape: readonly number[] }
> = {
  kernelName: 'TweedieConv2DFilterGrad',
  decompose({ x, dy }, { filterShape, strides, padding, dilations }) {
    const [, height, width] = extents(x);
    const [, rows, columns] = extents(dy);
    const [, , filterRows, filterColumns] = filterShape as Extents;
    const [top, , left] = padding;
    const covered = (filter: number, dilation: number, outputs: number, stride: number) =>
      dilation * (filter - 1) + stride * (outputs - 1) + 1;
    // Pixels that the strides left over are cut off, so that the result has the filter's size.
    const result = convolve(transpose(x, [3, 1, 2, 0]), transpose(dy, [1, 2, 0, 3]), {
      strides: dilations,
      padding: [
        top,
        covered(filterRows, dilations[0], rows, strides[0]) - height - top,
        left,
        covered(filterColumns, dilations[1], columns, strides[1]) - width - left,
      ],
      dilations: strides,
    });
    return transpose(result, [3, 0, 1, 2]);
  },
};

/**
 * tfjs's convolution with a filter in its own layout, [R, S, C, K], made to take a negative padding,
 * which crops, and strides together with dilations.
 */
function convolve(x: Tensor, filter: Tensor, geometry: ConvGeometry): Tensor {
  const { strides, dilations } = geometry;
  const both = strides.some((s) => s > 1) && dilations.some((d) => d > 1);
  const crops = geometry.padding.some((p) => p < 0);
  const image = crops ? padOrCrop(x, geometry.padding) : x;
  const [top, bottom, left, right] = crops ? [0, 0, 0, 0] : geometry.padding;
  const y = conv2d(
    image as Tensor4D,
    filter as Tensor4D,
    both ? 1 : [...strides],
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    'NHWC',
    [...dilations],
  );
  return both ? stridedSlice(y, [0, 0, 0, 0], y.shape, [1, ...strides, 1]) : y;
}

function padOrCrop(x: Tensor, padding: ConvGeometry['padding']): Tensor {
  const [items, height, width, channels] = extents(x);
  const [top, bottom, left, right] = padding;
  const [above, below, before, after] = padding.map((p) => Math.max(0, p)) as Extents;
  const padded = pad(x, [
    [0, 0],
    [above, below],
    [before, after],
    [0, 0],
  ]);
  return slice(
    padded,
    [0, above - top, before - left, 0],
    [items, height + top + bottom, width + left + right, channels],
  );
}

/** Puts stride − 1 zeros after each row and column, so that pixel (i, j) lands at (i·s, j·s). */
function insertZeros(x: Tensor, strides: ConvGeometry['strides']): Tensor {
  const [strideY, strideX] = strides;
  if (strideY === 1 && strideX === 1) return x;
  const [items, height, width, channels] = extents(x);
  const after = (t: Tensor, outer: number, inner: number, stride: number) =>
    pad(reshape(t, [outer, 1, inner]), [
      [0, 0],
      [0, stride - 1],
      [0, 0],
    ]);
  const rows = after(x, items * height, width * channels, strideY);
  const both = after(rows, items * height * strideY * width, channels, strideX);
  return reshape(both, [items, height * strideY, width * strideX, channels]);
}
