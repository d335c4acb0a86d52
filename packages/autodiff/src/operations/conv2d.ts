import { type GradConfig, sum, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { gradient } from '../tape/gradient.js';
import { runComposite } from './composite.js';
import { type ConvGeometry, convOutputSize } from './conv-geometry.js';
import { filterGradient, forward, inputGradient } from './conv2d-decomposition.js';

/** The part of a kernel's attributes that all three kernels share. */
const geometryOf = ({ strides, padding, dilations }: ConvGeometry): ConvGeometry => ({
  strides,
  padding,
  dilations,
});

/** Convolution as a function of the image and the filter; its two gradients are bilinear as well. */
export const runForward = (x: Tensor, filter: Tensor, geometry: ConvGeometry): Tensor =>
  runComposite(forward, { x, filter }, geometryOf(geometry));
export const runInputGradient = (
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  geometry: ConvGeometry,
): Tensor => runComposite(inputGradient, { dy, filter }, { inputShape, ...geometryOf(geometry) });
export const runFilterGradient = (
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  geometry: ConvGeometry,
): Tensor => runComposite(filterGradient, { x, dy }, { filterShape, ...geometryOf(geometry) });

/** The three kernels are linear in each input, so they are each other's derivatives of every order. */
export const conv2dGradients: readonly GradConfig[] = [
  gradient(forward.kernelName, ['x', 'filter'], (dy, [x, filter], geometry: ConvGeometry) => ({
    x: () => runInputGradient(dy, filter, x.shape, geometry),
    filter: () => runFilterGradient(x, dy, filter.shape, geometry),
    bias: () => sum(dy, [0, 1, 2]),
  })),
  gradient(
    inputGradient.kernelName,
    ['dy', 'filter'],
    (ddx, [dy, filter], geometry: ConvGeometry) => ({
      dy: () => runForward(ddx, filter, geometry),
      filter: () => runFilterGradient(ddx, dy, filter.shape, geometry),
    }),
  ),
  gradient(filterGradient.kernelName, ['x', 'dy'], (ddw, [x, dy], geometry: ConvGeometry) => ({
    x: () => runInputGradient(dy, ddw, x.shape, geometry),
    dy: () => runForward(x, ddw, geometry),
  })),
];

export interface Conv2dOptions {
  /** Step of the filter, in both directions; 1 by default. */
  readonly stride?: number;
  /**
   * Zeros around the image: the same on all sides (0 by default), or top, bottom, left, right; or
   * 'same', which gives an output of the input's size at stride 1, the odd zero of an even filter
   * after the image as in PyTorch.
   */
  readonly padding?: number | 'same' | readonly [number, number, number, number];
  /** Step between the filter's elements, in both directions; 1 by default. */
  readonly dilation?: number;
}

/**
 * Two-dimensional convolution (cross-correlation, as everywhere in the field).
 *
 * @param x [N, H, W, C]
 * @param filter [K, C, R, S], the layout of PyTorch's weights
 * @param bias [K]
 * @returns [N, OH, OW, K] with OH = ⌊(H + top + bottom − dilation·(R − 1) − 1) / stride⌋ + 1
 * @throws TweedieError INVALID_SHAPE when channels or bias do not fit or no output is left,
 * INVALID_OPTION when stride, padding or dilation are no such whole numbers
 */
export function conv2d(
  x: Tensor,
  filter: Tensor,
  bias?: Tensor,
  options: Conv2dOptions = {},
): Tensor4D {
  if (x.rank !== 4 || filter.rank !== 4 || x.shape[3] !== filter.shape[1]) {
    throw shapeError(
      `conv2d got x [${x.shape.join(', ')}] and filter [${filter.shape.join(', ')}]`,
      'x [N, H, W, C] and filter [K, C, R, S] of the same C',
    );
  }
  if (bias !== undefined && (bias.rank !== 1 || bias.size !== filter.shape[0])) {
    throw shapeError(
      `conv2d got bias [${bias.shape.join(', ')}] and filter [${filter.shape.join(', ')}]`,
      `bias [${filter.shape[0]}], one number for each output channel`,
    );
  }
  const geometry = resolveGeometry(options, filter.shape);
  const [top, bottom, left, right] = geometry.padding;
  const { stride = 1, dilation = 1 } = options;
  const height = convOutputSize(x.shape[1]!, filter.shape[2]!, top, bottom, stride, dilation);
  const width = convOutputSize(x.shape[2]!, filter.shape[3]!, left, right, stride, dilation);
  if (height < 1 || width < 1) {
    throw shapeError(
      `conv2d of x [${x.shape.join(', ')}] with filter [${filter.shape.join(', ')}], padding [${geometry.padding.join(', ')}] and dilation ${dilation} has no output`,
      'an image that, with its padding, is at least as large as the filter',
    );
  }
  const inputs = bias === undefined ? { x, filter } : { x, filter, bias };
  return runComposite(forward, inputs, geometry) as Tensor4D;
}

function resolveGeometry(
  { stride = 1, padding = 0, dilation = 1 }: Conv2dOptions,
  [, , rows, columns]: readonly number[],
): ConvGeometry {
  let sides: readonly number[];
  if (padding === 'same') {
    const [vertical, horizontal] = [dilation * (rows! - 1), dilation * (columns! - 1)];
    const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
    sides = [top, vertical - top, left, horizontal - left];
  } else {
    sides = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
  }
  const whole = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (
    !whole(stride, 1) ||
    !whole(dilation, 1) ||
    sides.length !== 4 ||
    !sides.every((side) => whole(side, 0))
  ) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'autodiff',
      given: `conv2d got stride ${stride}, padding ${JSON.stringify(padding)} and dilation ${dilation}`,
      allowed:
        "stride and dilation whole numbers of at least 1; padding 'same', or a whole number of at least 0, or four of them (top, bottom, left, right)",
    });
  }
  return {
    strides: [stride, stride],
    padding: sides as unknown as ConvGeometry['padding'],
    dilations: [dilation, dilation],
  };
}

function shapeError(given: string, allowed: string): TweedieError {
  return new TweedieError({ code: 'INVALID_SHAPE', package: 'autodiff', given, allowed });
}
