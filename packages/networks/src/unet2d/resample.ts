import { concat, mean, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import { upsampleNearest } from '@tweedie/autodiff';
import type { Size } from './block-style.js';

/**
 * Averages 2 × 2 pixels, [B, H, W, C] ↦ [B, ⌊H/2⌋, ⌊W/2⌋, C]; an odd last row or column is left out.
 */
export function halve(x: Tensor): Tensor {
  const [items, height, width, channels] = x.shape as [number, number, number, number];
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)];
  const even =
    height === 2 * rows && width === 2 * columns
      ? x
      : slice(x, [0, 0, 0, 0], [items, 2 * rows, 2 * columns, channels]);
  // Pairs of rows, then pairs of columns, each an axis of its own in a tensor of rank 3.
  const half = mean(reshape(even, [items * rows, 2, 2 * columns * channels]), 1);
  const quarter = mean(reshape(half, [items * rows * columns, 2, channels]), 1);
  return reshape(quarter, [items, rows, columns, channels]);
}

/**
 * Nearest neighbours at twice the size, or one pixel less or more: pixel i of m shows pixel ⌊i·n/m⌋
 * of n, as PyTorch's interpolate does for a given size.
 *
 * For m = 2n − 1 that is ⌊i/2⌋, twice each but the last. For m = 2n + 1 it is ⌊(i − 1)/2⌋ from i = 1
 * on and 0 at i = 0, twice each and the first once more.
 */
export function doubleTo(x: Tensor, size: Size): Tensor {
  let y: Tensor = upsampleNearest(x, 2);
  size.forEach((extent, direction) => {
    y = fitAxis(y, direction + 1, extent);
  });
  return y;
}

function fitAxis(y: Tensor, axis: number, extent: number): Tensor {
  const doubled = y.shape[axis]!;
  if (extent === doubled) return y;
  const leading = (count: number) =>
    slice(
      y,
      y.shape.map(() => 0),
      y.shape.map((whole, i) => (i === axis ? count : whole)),
    );
  return extent < doubled ? leading(extent) : concat([leading(1), y], axis);
}
