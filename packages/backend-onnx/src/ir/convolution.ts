import { ints, type Value } from './graph.js';
import { reverse, transpose } from './shape.js';

/** How a filter moves over an image; the same names and order as the composites of autodiff. */
export interface ConvGeometry {
  readonly strides: readonly [height: number, width: number];
  readonly padding: readonly [top: number, bottom: number, left: number, right: number];
  readonly dilations: readonly [height: number, width: number];
}

type Pair = readonly [number, number];

const reach = (filter: number, dilation: number) => dilation * (filter - 1);

/** Height and width of a convolution's output. */
export function convOutput(size: Pair, filter: Pair, geometry: ConvGeometry): [number, number] {
  const [top, bottom, left, right] = geometry.padding;
  const along = (axis: 0 | 1, padding: number) =>
    Math.floor(
      (size[axis] + padding - reach(filter[axis], geometry.dilations[axis]) - 1) /
        geometry.strides[axis],
    ) + 1;
  return [along(0, top + bottom), along(1, left + right)];
}

const attributesOf = ({
  strides,
  padding: [top, bottom, left, right],
  dilations,
}: ConvGeometry) => ({
  strides: ints(strides),
  pads: ints([top, left, bottom, right]),
  dilations: ints(dilations),
});

/** Convolution of [N, C, H, W] with a filter [K, C, R, S]. */
export function convolve(
  x: Value,
  filter: Value,
  bias: Value | null,
  geometry: ConvGeometry,
): Value {
  const [items, , height, width] = x.shape as [number, number, number, number];
  const [outputs, , rows, columns] = filter.shape as [number, number, number, number];
  const size = convOutput([height, width], [rows, columns], geometry);
  const inputs = bias === null ? [x, filter] : [x, filter, bias];
  const attributes = { ...attributesOf(geometry), kernel_shape: ints([rows, columns]) };
  return x.graph.emit(
    'Conv',
    inputs,
    [{ type: x.type, shape: [items, outputs, ...size] }],
    attributes,
  )[0]!;
}

/** The gradient of `convolve` with respect to its image: [N, C, H, W]. */
export function convolveTransposed(
  dy: Value,
  filter: Value,
  size: Pair,
  geometry: ConvGeometry,
): Value {
  const { strides, padding, dilations } = geometry;
  const [, inputs, rows, columns] = filter.shape as [number, number, number, number];
  const [top, bottom, left, right] = padding;
  const [high, wide] = dy.shape.slice(2) as [number, number];
  const covered = [
    (high - 1) * strides[0] + reach(rows, dilations[0]) + 1 - top - bottom,
    (wide - 1) * strides[1] + reach(columns, dilations[1]) + 1 - left - right,
  ];
  const attributes = {
    ...attributesOf(geometry),
    kernel_shape: ints([rows, columns]),
    output_padding: ints([size[0] - covered[0]!, size[1] - covered[1]!]),
  };
  const shape = [dy.shape[0]!, inputs, ...size];
  return dy.graph.emit('ConvTranspose', [dy, filter], [{ type: dy.type, shape }], attributes)[0]!;
}

/**
 * How the mirrored filter moves over dy where that gives the gradient and faster than
 * `convolveTransposed`: at stride 1, unless there was more padding than the filter reaches.
 */
export function mirroredGeometry(
  filter: Value,
  { strides, padding, dilations }: ConvGeometry,
): ConvGeometry | undefined {
  if (strides[0] !== 1 || strides[1] !== 1) return undefined;
  const [, , rows, columns] = filter.shape as [number, number, number, number];
  const [top, bottom, left, right] = padding;
  const [tall, wide] = [reach(rows, dilations[0]), reach(columns, dilations[1])];
  const rest = [tall - top, tall - bottom, wide - left, wide - right] as const;
  return rest.every((count) => count >= 0) ? { strides, padding: rest, dilations } : undefined;
}

/** Filter [K, C, R, S] turned by half a turn, from outputs to inputs: [C, K, R, S]. */
export const mirroredFilter = (filter: Value) => transpose(reverse(filter, [2, 3]), [1, 0, 2, 3]);
