import type { FloatArray } from '@tweedie/core';

/** The rows of an array [N, D]. */
export function rowsOf({ data, shape }: FloatArray): number[][] {
  const [count = 0, size = 0] = shape;
  return Array.from({ length: count }, (_, i) => [...data.subarray(i * size, (i + 1) * size)]);
}

/** The points of an array [N, 2]. */
export function pairsOf(array: FloatArray): [number, number][] {
  return rowsOf(array) as [number, number][];
}

/** αx + σε, item by item. */
export function noised(
  x: FloatArray,
  { alpha, sigma }: { readonly alpha: number; readonly sigma: number },
  noise: FloatArray,
): FloatArray {
  return {
    data: x.data.map((value, i) => alpha * value + sigma * noise.data[i]!),
    shape: x.shape,
  };
}

/** A number to a few significant digits. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}
