import { sizeOf } from '@tweedie/core';
import type { TensorType } from '../ir/element-type.js';
import type { Value } from '../ir/graph.js';
import { expand, reshape, transpose } from '../ir/shape.js';
import { nchwcToNchw, nchwcToNhwc, nchwToNchwc, nhwcToNchwc } from '../nchwc/reorder.js';
import { type Layout, physicalShape } from './layout.js';

/**
 * What stands for a tensor while a function is traced: a logical shape, as tfjs sees it, and a value
 * of the graph. The value has the axes of the layout, with extent 1 where the tensor repeats itself,
 * or no axes at all where all elements are equal: a broadcast costs nothing until something needs
 * the elements.
 */
export interface SymbolicTensor {
  readonly shape: readonly number[];
  readonly type: TensorType;
  readonly layout: Layout;
  readonly value: Value;
}

/** A tensor whose value may still have to be broadcast to its shape. */
export function symbolic(
  value: Value,
  shape: readonly number[] = value.shape,
  layout: Layout = 'NHWC',
): SymbolicTensor {
  return { shape, type: value.type as TensorType, layout, value };
}

type Four = [number, number, number, number];

/** An image from a value [N, C, H, W]. */
export function fromNchw(value: Value): SymbolicTensor {
  const [items, channels, height, width] = value.shape as Four;
  return symbolic(value, [items, height, width, channels], 'NCHW');
}

/** An image from a value [N, C/b, H, W, b]. */
export function fromNchwc(value: Value): SymbolicTensor {
  const [items, blocks, height, width, size] = value.shape as [number, ...Four];
  return symbolic(value, [items, height, width, blocks * size], 'NCHWc');
}

/**
 * The tensor's value with its axes arranged as the layout has them, not yet broadcast: one element
 * with no axes at all, or the layout's axes with extent 1 where the tensor repeats itself.
 */
export function arranged({ value, shape, layout: from }: SymbolicTensor, layout: Layout): Value {
  if (sizeOf(value.shape) === 1 && sizeOf(shape) !== 1) return reshape(value, []);
  if (from === layout) return value;
  if (from === 'NHWC') {
    const pixels = withRank(value, 4);
    return layout === 'NCHW' ? transpose(pixels, [0, 3, 1, 2]) : nhwcToNchwc(pixels);
  }
  if (from === 'NCHW') {
    return layout === 'NHWC' ? transpose(value, [0, 2, 3, 1]) : nchwToNchwc(value);
  }
  return layout === 'NHWC' ? nchwcToNhwc(value) : nchwcToNchw(value);
}

/** Puts axes of extent 1 before the others, as broadcasting does. */
export function withRank(value: Value, rank: number): Value {
  return reshape(value, [...Array<number>(rank - value.shape.length).fill(1), ...value.shape]);
}

/** All elements of the tensor, row-major. */
export function rowMajor(tensor: SymbolicTensor): Value {
  return valueIn(tensor, 'NHWC');
}

/** All elements of the tensor in the given layout. */
export function valueIn(tensor: SymbolicTensor, layout: Layout): Value {
  const { blockSize } = tensor.value.graph;
  return expand(arranged(tensor, layout), physicalShape(tensor.shape, layout, blockSize));
}
