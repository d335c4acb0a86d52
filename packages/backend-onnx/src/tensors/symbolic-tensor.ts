import { sizeOf } from '@tweedie/core';
import type { TensorType } from '../ir/element-type.js';
import type { Value } from '../ir/graph.js';
import { expand, reshape, transpose } from '../ir/shape.js';
import { blocksToPlanes, blocksToRows, planesToBlocks, rowsToBlocks } from '../nchwc/reorder.js';

/**
 * How the elements of an image (rank 4, logically [N, H, W, C]) lie in memory: as it is, as planes
 * [N, C, H, W], or as blocks [N, C/b, H, W, b] of b channels. Every other tensor is in rows.
 */
export type Layout = 'rows' | 'planes' | 'blocks';

/**
 * What stands for a tensor while a function is traced: a logical shape, as tfjs sees it, and a value
 * of the graph. The value has the axes of the layout, with extent 1 where the tensor repeats itself,
 * or no axes at all where all elements are equal: a broadcast costs nothing until something needs
 * the elements.
 */
export interface Traced {
  readonly shape: readonly number[];
  readonly type: TensorType;
  readonly layout: Layout;
  readonly value: Value;
}

/** A tensor in rows whose value may still have to be broadcast to its shape. */
export function traced(value: Value, shape: readonly number[] = value.shape): Traced {
  return { shape, type: value.type as TensorType, layout: 'rows', value };
}

/** An image whose value is in the given layout. */
export function tracedImage(value: Value, shape: readonly number[], layout: Layout): Traced {
  return { shape, type: value.type as TensorType, layout, value };
}

type Four = [number, number, number, number];

/** An image from planes [N, C, H, W]. */
export function fromPlanes(planes: Value): Traced {
  const [items, channels, height, width] = planes.shape as Four;
  return tracedImage(planes, [items, height, width, channels], 'planes');
}

/** An image from blocks [N, C/b, H, W, b]. */
export function fromBlocks(blocks: Value): Traced {
  const [items, groups, height, width, size] = blocks.shape as [number, ...Four];
  return tracedImage(blocks, [items, height, width, groups * size], 'blocks');
}

/** One entry for each logical axis, in the order of the layout; blocks split the last into two. */
export function inLayout<T>(
  layout: Layout,
  entries: readonly T[],
  split: (last: T) => [T, T],
): T[] {
  if (layout === 'rows') return [...entries];
  const [items, height, width, channels] = entries as [T, T, T, T];
  if (layout === 'planes') return [items, channels, height, width];
  const [blocks, inBlock] = split(channels);
  return [items, blocks, height, width, inBlock];
}

/** The axes of a layout that hold the given logical axes. */
export function axesIn(layout: Layout, axes: readonly number[]): number[] {
  const places = { rows: undefined, planes: [[0], [2], [3], [1]], blocks: [[0], [2], [3], [1, 4]] };
  return axes.flatMap((axis) => places[layout]?.[axis] ?? [axis]);
}

/** The shape of a value that holds all elements of a tensor in a layout. */
export function physicalShape(
  shape: readonly number[],
  layout: Layout,
  blockSize: number,
): readonly number[] {
  return inLayout(layout, shape, (channels) => [channels / blockSize, blockSize]);
}

/**
 * The tensor's value with its axes arranged as the layout has them, not yet broadcast: one element
 * with no axes at all, or the layout's axes with extent 1 where the tensor repeats itself.
 */
export function arranged({ value, shape, layout: from }: Traced, layout: Layout): Value {
  if (sizeOf(value.shape) === 1 && sizeOf(shape) !== 1) return reshape(value, []);
  if (from === layout) return value;
  if (from === 'rows') {
    const pixels = withRank(value, 4);
    return layout === 'planes' ? transpose(pixels, [0, 3, 1, 2]) : rowsToBlocks(pixels);
  }
  if (from === 'planes') {
    return layout === 'rows' ? transpose(value, [0, 2, 3, 1]) : planesToBlocks(value);
  }
  return layout === 'rows' ? blocksToRows(value) : blocksToPlanes(value);
}

/** Puts axes of extent 1 before the others, as broadcasting does. */
export function withRank(value: Value, rank: number): Value {
  return reshape(value, [...Array<number>(rank - value.shape.length).fill(1), ...value.shape]);
}

/** All elements of the tensor, row-major. */
export function rows(tensor: Traced): Value {
  return image(tensor, 'rows');
}

/** All elements of the tensor in the given layout. */
export function image(tensor: Traced, layout: Layout): Value {
  const { blockSize } = tensor.value.graph;
  return expand(arranged(tensor, layout), physicalShape(tensor.shape, layout, blockSize));
}

/** Of several layouts the one in which their tensors meet. */
export function commonLayout(tensors: readonly Traced[]): Layout {
  const layouts = tensors.map(({ layout }) => layout);
  if (layouts.includes('blocks')) return 'blocks';
  return layouts.includes('planes') ? 'planes' : 'rows';
}
