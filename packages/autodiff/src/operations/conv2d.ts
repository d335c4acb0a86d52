import {
  add,
  addN,
  type GradConfig,
  matMul,
  pad,
  reshape,
  slice,
  stack,
  stridedSlice,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  transpose,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { type Composite, runComposite } from './composite.js';

/** How the filter moves over the image; every number counts pixels. */
export interface ConvGeometry {
  readonly strides: readonly [height: number, width: number];
  readonly padding: readonly [top: number, bottom: number, left: number, right: number];
  readonly dilations: readonly [height: number, width: number];
}

export interface Conv2dOptions {
  /** Both directions alike. */
  readonly stride?: number;
  /** The same on all sides, 'same' (an output of the input's size at stride 1), or top, bottom, left, right. */
  readonly padding?: number | 'same' | readonly [number, number, number, number];
  readonly dilation?: number;
}

/** Output extent of a convolution along one axis. */
export function convOutputSize(
  size: number,
  filter: number,
  before: number,
  after: number,
  stride: number,
  dilation: number,
): number {
  return Math.floor((size + before + after - dilation * (filter - 1) - 1) / stride) + 1;
}

interface Taps {
  readonly height: number;
  readonly width: number;
  /** Offset of each filter element in the padded image. */
  readonly offsets: readonly (readonly [number, number])[];
}

function tapsOf(
  [, , rows, columns]: readonly number[],
  geometry: ConvGeometry,
  image: readonly number[],
): Taps {
  const [top, bottom, left, right] = geometry.padding;
  const [strideY, strideX] = geometry.strides;
  const [dilationY, dilationX] = geometry.dilations;
  const offsets: [number, number][] = [];
  for (let r = 0; r < rows!; r++) {
    for (let s = 0; s < columns!; s++) offsets.push([r * dilationY, s * dilationX]);
  }
  return {
    height: convOutputSize(image[1]!, rows!, top, bottom, strideY, dilationY),
    width: convOutputSize(image[2]!, columns!, left, right, strideX, dilationX),
    offsets,
  };
}

function padImage(x: Tensor, [top, bottom, left, right]: ConvGeometry['padding']): Tensor {
  if (top + bottom + left + right === 0) return x;
  return pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
}

/** The pixels under one filter element, as rows of a matrix [N·OH·OW, C]. */
function underTap(
  padded: Tensor,
  taps: Taps,
  [y, x]: readonly [number, number],
  [strideY, strideX]: ConvGeometry['strides'],
): Tensor {
  const [items, , , channels] = padded.shape as [number, number, number, number];
  const part =
    strideY === 1 && strideX === 1
      ? slice(padded, [0, y, x, 0], [items, taps.height, taps.width, channels])
      : stridedSlice(
          padded,
          [0, y, x, 0],
          [
            items,
            y + (taps.height - 1) * strideY + 1,
            x + (taps.width - 1) * strideX + 1,
            channels,
          ],
          [1, strideY, strideX, 1],
        );
  return reshape(part, [items * taps.height * taps.width, channels]);
}

/** Filter OIHW as one [C, K] matrix an element. */
function tapMatrices(filter: Tensor): Tensor[] {
  const [outputs, inputs, rows, columns] = filter.shape as [number, number, number, number];
  const matrices = reshape(transpose(filter, [2, 3, 1, 0]), [rows * columns, inputs, outputs]);
  return Array.from({ length: rows * columns }, (_, tap) =>
    reshape(slice(matrices, [tap, 0, 0], [1, inputs, outputs]), [inputs, outputs]),
  );
}

/** Puts stride − 1 zeros after each row and column, so that pixel (i, j) lands at (i·s, j·s). */
function insertZeros(x: Tensor, [strideY, strideX]: ConvGeometry['strides']): Tensor {
  if (strideY === 1 && strideX === 1) return x;
  const [items, height, width, channels] = x.shape as [number, number, number, number];
  const spread = (t: Tensor, outer: number, extent: number, inner: number, stride: number) =>
    pad(reshape(t, [outer, extent, 1, inner]), [
      [0, 0],
      [0, 0],
      [0, stride - 1],
      [0, 0],
    ]);
  const rows = spread(x, items, height, width * channels, strideY);
  const both = spread(rows, items * height * strideY, width, channels, strideX);
  return reshape(both, [items, height * strideY, width * strideX, channels]);
}

const forward: Composite<
  { x: Tensor; filter: Tensor; bias?: Tensor } & Record<string, Tensor>,
  ConvGeometry
> = {
  kernelName: 'TweedieConv2D',
  decompose({ x, filter, bias }, geometry) {
    const taps = tapsOf(filter.shape, geometry, x.shape);
    const padded = padImage(x, geometry.padding);
    const products = tapMatrices(filter).map((matrix, i) =>
      matMul(underTap(padded, taps, taps.offsets[i]!, geometry.strides), matrix),
    );
    const summed = addN(products);
    const shape = [x.shape[0]!, taps.height, taps.width, filter.shape[0]!];
    return reshape(bias === undefined ? summed : add(summed, bias), shape);
  },
};

const inputGradient: Composite<
  { dy: Tensor; filter: Tensor },
  ConvGeometry & { readonly inputShape: readonly number[] }
> = {
  kernelName: 'TweedieConv2DInputGrad',
  decompose({ dy, filter }, geometry) {
    const { inputShape, padding } = geometry;
    const [items, height, width, channels] = inputShape as [number, number, number, number];
    const [top, bottom, left, right] = padding;
    const [paddedHeight, paddedWidth] = [height + top + bottom, width + left + right];
    const taps = tapsOf(filter.shape, geometry, inputShape);
    const rows = reshape(dy, [items * taps.height * taps.width, filter.shape[0]!]);
    const scattered = tapMatrices(filter).map((matrix, i) => {
      const [y, x] = taps.offsets[i]!;
      const pixels = reshape(matMul(rows, matrix, false, true), [
        items,
        taps.height,
        taps.width,
        channels,
      ]);
      // The last inserted zeros may lie beyond the padded image; what is cut there is zero.
      const spread = insertZeros(pixels, geometry.strides);
      const kept = slice(
        spread,
        [0, 0, 0, 0],
        [
          items,
          Math.min(spread.shape[1]!, paddedHeight - y),
          Math.min(spread.shape[2]!, paddedWidth - x),
          channels,
        ],
      );
      return pad(kept, [
        [0, 0],
        [y, paddedHeight - y - kept.shape[1]!],
        [x, paddedWidth - x - kept.shape[2]!],
        [0, 0],
      ]);
    });
    return slice(addN(scattered), [0, top, left, 0], [items, height, width, channels]);
  },
};

const filterGradient: Composite<
  { x: Tensor; dy: Tensor },
  ConvGeometry & { readonly filterShape: readonly number[] }
> = {
  kernelName: 'TweedieConv2DFilterGrad',
  decompose({ x, dy }, geometry) {
    const { filterShape } = geometry;
    const [outputs, inputs, rows, columns] = filterShape as [number, number, number, number];
    const taps = tapsOf(filterShape, geometry, x.shape);
    const padded = padImage(x, geometry.padding);
    const gradients = reshape(dy, [dy.size / outputs, outputs]);
    const matrices = taps.offsets.map((offset) =>
      matMul(gradients, underTap(padded, taps, offset, geometry.strides), true, false),
    );
    return transpose(reshape(stack(matrices), [rows, columns, outputs, inputs]), [2, 3, 0, 1]);
  },
};

type Geometry = ConvGeometry & Record<string, unknown>;
const geometryOf = ({ strides, padding, dilations }: Geometry): ConvGeometry => ({
  strides,
  padding,
  dilations,
});

function runForward(x: Tensor, filter: Tensor, geometry: ConvGeometry): Tensor {
  return runComposite(forward, { x, filter }, geometry) as Tensor;
}
function runInputGradient(
  dy: Tensor,
  filter: Tensor,
  inputShape: number[],
  geometry: ConvGeometry,
): Tensor {
  return runComposite(inputGradient, { dy, filter }, { ...geometry, inputShape }) as Tensor;
}
function runFilterGradient(
  x: Tensor,
  dy: Tensor,
  filterShape: number[],
  geometry: ConvGeometry,
): Tensor {
  return runComposite(filterGradient, { x, dy }, { ...geometry, filterShape }) as Tensor;
}

/** The three kernels are linear in each input, so they are each other's derivatives of every order. */
export const conv2dGradients: readonly GradConfig[] = [
  {
    kernelName: forward.kernelName,
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, saved, attrs) => {
      const [x, filter] = saved as [Tensor, Tensor];
      const geometry = geometryOf(attrs as unknown as Geometry);
      return {
        x: () => runInputGradient(dy as Tensor, filter, x.shape, geometry),
        filter: () => runFilterGradient(x, dy as Tensor, filter.shape, geometry),
        bias: () => sum(dy as Tensor, [0, 1, 2]),
      };
    },
  },
  {
    kernelName: inputGradient.kernelName,
    inputsToSave: ['dy', 'filter'],
    gradFunc: (ddx, saved, attrs) => {
      const [dy, filter] = saved as [Tensor, Tensor];
      const geometry = geometryOf(attrs as unknown as Geometry);
      return {
        dy: () => runForward(ddx as Tensor, filter, geometry),
        filter: () => runFilterGradient(ddx as Tensor, dy, filter.shape, geometry),
      };
    },
  },
  {
    kernelName: filterGradient.kernelName,
    inputsToSave: ['x', 'dy'],
    gradFunc: (ddw, saved, attrs) => {
      const [x, dy] = saved as [Tensor, Tensor];
      const geometry = geometryOf(attrs as unknown as Geometry);
      return {
        x: () => runInputGradient(dy, ddw as Tensor, x.shape, geometry),
        dy: () => runForward(x, ddw as Tensor, geometry),
      };
    },
  },
];

/**
 * Two-dimensional convolution (cross-correlation, as everywhere in the field).
 *
 * @param x [N, H, W, C]
 * @param filter [K, C, R, S], the layout of PyTorch's weights
 * @param bias [K]
 * @returns [N, OH, OW, K]
 * @throws TweedieError INVALID_SHAPE when channels, bias or sizes do not fit
 */
export function conv2d(
  x: Tensor4D | Tensor,
  filter: Tensor4D | Tensor,
  bias?: Tensor1D | Tensor,
  options: Conv2dOptions = {},
): Tensor4D {
  const { stride = 1, padding = 0, dilation = 1 } = options;
  const refuse = (given: string, allowed: string): never => {
    throw new TweedieError({ code: 'INVALID_SHAPE', package: 'autodiff', given, allowed });
  };
  if (x.rank !== 4 || filter.rank !== 4 || x.shape[3] !== filter.shape[1]) {
    refuse(
      `conv2d got x [${x.shape.join(', ')}] and filter [${filter.shape.join(', ')}]`,
      'x [N, H, W, C] and filter [K, C, R, S] of the same C',
    );
  }
  if (bias !== undefined && (bias.rank !== 1 || bias.size !== filter.shape[0])) {
    refuse(`conv2d got bias [${bias.shape.join(', ')}]`, `[${filter.shape[0]}], one a filter`);
  }
  const geometry: ConvGeometry = {
    strides: [stride, stride],
    padding: resolvePadding(padding, filter.shape, dilation),
    dilations: [dilation, dilation],
  };
  const { height, width } = tapsOf(filter.shape, geometry, x.shape);
  if (!(height >= 1 && width >= 1)) {
    refuse(
      `conv2d of x [${x.shape.join(', ')}] with filter [${filter.shape.join(', ')}] has no output`,
      'an image at least as large as the filter, padding included',
    );
  }
  const inputs = bias === undefined ? { x, filter } : { x, filter, bias };
  return runComposite(forward, inputs, geometry) as Tensor4D;
}

function resolvePadding(
  padding: NonNullable<Conv2dOptions['padding']>,
  [, , rows, columns]: readonly number[],
  dilation: number,
): ConvGeometry['padding'] {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (padding !== 'same') return padding;
  const vertical = dilation * (rows! - 1);
  const horizontal = dilation * (columns! - 1);
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
  return [top, vertical - top, left, horizontal - left];
}
