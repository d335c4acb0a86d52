import {
  add,
  backend_util,
  pad,
  reshape,
  reverse,
  slice,
  stridedSlice,
  type Tensor,
  tensor,
} from '@tensorflow/tfjs-core';

/** What pooling, dilation and strided slices share: parts of a tensor at equal steps, and back. */

/** How windows lie on the spatial axes of a tensor [N, …, C]; one entry an axis. */
export interface Windows {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Positions before the tensor. */
  readonly before: readonly number[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

type Extents4 = [number, number, number, number];
type Extents5 = [number, number, number, number, number];
type Rounding = 'floor' | 'round' | 'ceil';

/** The attributes of tfjs's pooling kernels. */
export interface PoolAttributes {
  readonly filterSize: number | readonly number[];
  readonly strides: number | readonly number[];
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: Rounding;
}

/** The windows of a kernel as tfjs's own shape rules work them out. */
export function windowsOf(info: backend_util.Conv2DInfo | backend_util.Conv3DInfo): Windows {
  const plane: Windows = {
    sizes: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    before: [info.padInfo.top, info.padInfo.left],
    inputs: [info.inHeight, info.inWidth],
    outputs: [info.outHeight, info.outWidth],
  };
  if (!('filterDepth' in info)) return plane;
  return {
    sizes: [info.filterDepth, ...plane.sizes],
    strides: [info.strideDepth, ...plane.strides],
    dilations: [info.dilationDepth, ...plane.dilations],
    before: [info.padInfo.front, ...plane.before],
    inputs: [info.inDepth, ...plane.inputs],
    outputs: [info.outDepth, ...plane.outputs],
  };
}

/** The windows of a pooling kernel on x, [N, H, W, C] or [N, D, H, W, C]. */
export function poolWindows(shape: readonly number[], attributes: PoolAttributes): Windows {
  const { filterSize, strides, pad: padding, dimRoundingMode } = attributes;
  if (shape.length === 4) {
    const info = backend_util.computePool2DInfo(
      shape as Extents4,
      filterSize as number,
      strides as number,
      1,
      padding,
      dimRoundingMode,
    );
    return windowsOf(info);
  }
  const info = backend_util.computePool3DInfo(
    shape as Extents5,
    filterSize as number,
    strides as number,
    1,
    padding,
    dimRoundingMode,
  );
  return windowsOf(info);
}

/** The places of a window, row-major. */
function placesOf({ sizes }: Windows): number[][] {
  return sizes.reduce<number[][]>(
    (places, size) =>
      places.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
}

/** Zeros that the last window needs after the tensor. */
function after({ sizes, strides, dilations, before, inputs, outputs }: Windows, axis: number) {
  const reached = (outputs[axis]! - 1) * strides[axis]! + dilations[axis]! * (sizes[axis]! - 1) + 1;
  return Math.max(0, reached - before[axis]! - inputs[axis]!);
}

/**
 * What each output sees at each place of its window.
 *
 * @param x [N, …, C]
 * @param fill what lies outside x
 * @returns one tensor [N, …outputs, C] a place, row-major
 */
export function views(x: Tensor, windows: Windows, fill: number): Tensor[] {
  const { strides, dilations, before, inputs, outputs } = windows;
  const framed = pad(
    x,
    [[0, 0], ...inputs.map((_, axis) => [before[axis]!, after(windows, axis)]), [0, 0]] as never,
    fill,
  );
  return placesOf(windows).map((place) => {
    const begin = [0, ...place.map((i, axis) => i * dilations[axis]!), 0];
    const extents = [x.shape[0]!, ...outputs, x.shape.at(-1)!];
    const steps = [1, ...strides, 1];
    return strided(framed, begin, extents, steps);
  });
}

/** The adjoint of `views`. */
export function gathered(parts: readonly Tensor[], windows: Windows): Tensor {
  const { strides, dilations, before, inputs } = windows;
  const [items, channels] = [parts[0]!.shape[0]!, parts[0]!.shape.at(-1)!];
  const framed = [
    items,
    ...inputs.map((extent, axis) => before[axis]! + extent + after(windows, axis)),
    channels,
  ];
  const sum = placesOf(windows)
    .map((place, i) => {
      const begin = [0, ...place.map((at, axis) => at * dilations[axis]!), 0];
      return unstrided(parts[i]!, framed, begin, [1, ...strides, 1]);
    })
    .reduce((a, b) => add(a, b));
  return slice(sum, [0, ...before, 0], [items, ...inputs, channels]);
}

/** How many elements of x, not of its frame, each window covers: [1, …outputs, 1]. */
export function coverage(windows: Windows): Tensor {
  const { sizes, strides, dilations, before, inputs, outputs } = windows;
  const along = outputs.map((count, axis) =>
    Array.from({ length: count }, (_, i) => {
      const start = i * strides[axis]! - before[axis]!;
      const places = Array.from({ length: sizes[axis]! }, (_, k) => start + k * dilations[axis]!);
      return places.filter((place) => place >= 0 && place < inputs[axis]!).length;
    }),
  );
  const counts = along.reduce((all, next) => all.flatMap((a) => next.map((b) => a * b)), [1]);
  return tensor(counts, [1, ...outputs, 1]);
}

/** Elements begin, begin + step, … of each axis, as many as `extents` says; steps are positive. */
export function strided(
  x: Tensor,
  begin: readonly number[],
  extents: readonly number[],
  steps: readonly number[],
): Tensor {
  if (steps.every((step) => step === 1)) return slice(x, [...begin], [...extents]);
  const end = begin.map((first, axis) => first + (extents[axis]! - 1) * steps[axis]! + 1);
  return stridedSlice(x, [...begin], end, [...steps]);
}

/**
 * The adjoint of a strided slice: dy's elements at begin, begin + step, … among zeros.
 *
 * @param steps may be negative
 */
export function unstrided(
  dy: Tensor,
  shape: readonly number[],
  begin: readonly number[],
  steps: readonly number[],
): Tensor {
  const backwards = steps.flatMap((step, axis) => (step < 0 ? [axis] : []));
  let result = backwards.length === 0 ? dy : reverse(dy, backwards);
  const frame = shape.map((extent, axis): [number, number] => {
    const count = dy.shape[axis]!;
    const step = Math.abs(steps[axis]!);
    const spread = (count - 1) * step + 1;
    const first = steps[axis]! < 0 ? begin[axis]! - (spread - 1) : begin[axis]!;
    return [first, extent - first - spread];
  });
  steps.forEach((signed, axis) => {
    const step = Math.abs(signed);
    const count = result.shape[axis]!;
    if (step === 1 || count < 2) return;
    const outer = result.shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const inner = result.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const holes = pad(reshape(result, [outer, count, 1, inner]), [
      [0, 0],
      [0, 0],
      [0, step - 1],
      [0, 0],
    ]);
    const spread = (count - 1) * step + 1;
    const trimmed = slice(
      reshape(holes, [outer, count * step, inner]),
      [0, 0, 0],
      [outer, spread, inner],
    );
    result = reshape(trimmed, [
      ...result.shape.slice(0, axis),
      spread,
      ...result.shape.slice(axis + 1),
    ]);
  });
  return frame.every(([before, behind]) => before === 0 && behind === 0)
    ? result
    : pad(result, frame);
}
