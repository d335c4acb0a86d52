import { sizeOf } from '@tweedie/core';
import type { Value } from '../graph/graph.js';
import { expand, reshape, transpose } from '../graph/shape.js';

export type TracedType = 'float32' | 'int32' | 'bool';

/**
 * How the elements of an image (rank 4, logically NHWC) lie in memory. Every other tensor is 'rows':
 * row-major in its logical shape.
 */
export type Layout = 'rows' | 'planes';

/**
 * What stands for a tensor while a function is traced: a logical shape, as tfjs sees it, and a value
 * of the graph. The value has the axes of the layout, with extent 1 where the tensor repeats itself,
 * or no axes at all where all elements are equal: a broadcast costs nothing until something needs
 * the elements.
 */
export interface Traced {
  readonly shape: readonly number[];
  readonly type: TracedType;
  readonly layout: Layout;
  readonly value: Value;
}

/** A tensor in rows whose value may still have to be broadcast to its shape. */
export function traced(value: Value, shape: readonly number[] = value.shape): Traced {
  return { shape, type: value.type as TracedType, layout: 'rows', value };
}

/** An image whose value is in the given layout. */
export function tracedImage(value: Value, shape: readonly number[], layout: Layout): Traced {
  return { shape, type: value.type as TracedType, layout, value };
}

/** The shape that a value has which holds all elements of a tensor in a layout. */
export function physicalShape(shape: readonly number[], layout: Layout): readonly number[] {
  if (layout === 'rows') return shape;
  const [items, height, width, channels] = shape as [number, number, number, number];
  return [items, channels, height, width];
}

/** Where a logical axis stands in a layout. */
export function axisIn(layout: Layout, axis: number): number {
  return layout === 'planes' ? [0, 2, 3, 1][axis]! : axis;
}

/** A list with one entry an axis, in the order of the layout. */
export function inLayout<T>(layout: Layout, entries: readonly T[]): T[] {
  const arranged: T[] = [];
  entries.forEach((entry, axis) => {
    arranged[axisIn(layout, axis)] = entry;
  });
  return arranged;
}

/**
 * The tensor's value with its axes arranged as the layout has them, not yet broadcast: one element
 * with no axes at all, or the layout's axes with extent 1 where the tensor repeats itself.
 */
export function arranged(tensor: Traced, layout: Layout): Value {
  const { value } = tensor;
  if (sizeOf(value.shape) === 1 && sizeOf(tensor.shape) !== 1) return reshape(value, []);
  if (tensor.layout === layout) return value;
  if (layout === 'rows') return transpose(value, [0, 2, 3, 1]);
  return transpose(withRank(value, 4), [0, 3, 1, 2]);
}

/** Puts axes of extent 1 before the others, as broadcasting does. */
export function withRank(value: Value, rank: number): Value {
  return reshape(value, [...Array<number>(rank - value.shape.length).fill(1), ...value.shape]);
}

/** All elements of the tensor, row-major. */
export function rows(tensor: Traced): Value {
  return expand(arranged(tensor, 'rows'), tensor.shape);
}

/** All elements of an image in the given layout. */
export function image(tensor: Traced, layout: Layout): Value {
  return expand(arranged(tensor, layout), physicalShape(tensor.shape, layout));
}
