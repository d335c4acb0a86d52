import { poolWindows, type Windows, windowsOf } from '@tweedie/autodiff';
import { sizeOf } from '@tweedie/core';
import { scalar } from '../ir/constant.js';
import type { TensorType } from '../ir/element-type.js';
import { type Attributes, ints, type Value } from '../ir/graph.js';
import { transpose } from '../ir/shape.js';
import {
  fromNchw,
  rowMajor,
  type SymbolicTensor,
  symbolic,
  valueIn,
} from '../tensors/symbolic-tensor.js';

/** How windows lie on the spatial axes, and tensors with channels before them. */

export { poolWindows, type Windows, windowsOf };

/** Zeros that the last window needs after the tensor. */
export function reachAfter({ sizes, strides, dilations, before, inputs, outputs }: Windows) {
  return sizes.map((size, axis) => {
    const reached = (outputs[axis]! - 1) * strides[axis]! + dilations[axis]! * (size - 1) + 1;
    return Math.max(0, reached - before[axis]! - inputs[axis]!);
  });
}

/** The attributes of ONNX operators with windows; those of pooling know no dilation. */
export const windowAttributes = (windows: Windows): Attributes => ({
  kernel_shape: ints(windows.sizes),
  strides: ints(windows.strides),
  pads: ints([...windows.before, ...reachAfter(windows)]),
});

/** What a transposed convolution lacks of the input's extents. */
export function outputPadding(windows: Windows): number[] {
  const { sizes, strides, dilations, before, inputs, outputs } = windows;
  const after = reachAfter(windows);
  return sizes.map((size, axis) => {
    const reached = (outputs[axis]! - 1) * strides[axis]! + dilations[axis]! * (size - 1) + 1;
    return inputs[axis]! - (reached - before[axis]! - after[axis]!);
  });
}

/** [N, …, C] as [N, C, …]. */
export function channelsFirst(x: SymbolicTensor): Value {
  if (x.shape.length === 4) return valueIn(x, 'NCHW');
  const last = x.shape.length - 1;
  return transpose(rowMajor(x), [0, last, ...x.shape.slice(2).map((_, i) => i + 1)]);
}

/** [N, C, …] as [N, …, C]. */
export function channelsLast(x: Value): SymbolicTensor {
  if (x.shape.length === 4) return fromNchw(x);
  return symbolic(transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]));
}

/** A tensor without elements, or of zeros. */
export const zerosOf = (
  x: SymbolicTensor,
  shape: readonly number[],
  type: TensorType = x.type,
): SymbolicTensor => symbolic(scalar(x.value.graph, type, 0), shape);

export const isEmpty = (shape: readonly number[]) => sizeOf(shape) === 0;
