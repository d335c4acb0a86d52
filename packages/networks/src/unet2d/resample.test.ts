import '@tensorflow/tfjs-backend-cpu';
import { type Tensor4D, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { doubleTo, halve } from './resample.js';

/** Pixel (i, j) of item b and channel c holds a number of its own. */
function image(height: number, width: number): Tensor4D {
  const values = Array.from({ length: 2 }, (_, b) =>
    Array.from({ length: height }, (_, i) =>
      Array.from({ length: width }, (_, j) => [b * 1000 + i * 30 + j, -(b * 1000 + i * 30 + j)]),
    ),
  );
  return tensor(values) as Tensor4D;
}

describe('doubleTo', () => {
  it.each([
    [4, 8, 3, 6],
    [4, 7, 3, 5],
    [3, 7, 2, 5],
    [1, 3, 5, 10],
    [6, 13, 7, 13],
    [1, 2, 1, 1],
  ])('makes %i → %i rows and %i → %i columns by pixel ⌊i·n/m⌋', async (n, m, k, l) => {
    const x = image(n, k);
    const y = doubleTo(x, [m, l]);
    expect(y.shape).toEqual([2, m, l, 2]);
    const source = (await x.array()) as number[][][][];
    const result = (await y.array()) as number[][][][];
    result.forEach((rows, b) => {
      rows.forEach((row, i) => {
        row.forEach((pixel, j) => {
          expect(pixel).toEqual(source[b]![Math.floor((i * n) / m)]![Math.floor((j * k) / l)]);
        });
      });
    });
  });
});

describe('halve', () => {
  it.each([
    [4, 6],
    [5, 6],
    [7, 3],
  ])('averages 2 × 2 pixels of %i × %i', async (height, width) => {
    const x = image(height, width);
    const y = halve(x);
    expect(y.shape).toEqual([2, Math.floor(height / 2), Math.floor(width / 2), 2]);
    const result = (await y.array()) as number[][][][];
    result.forEach((rows, b) => {
      rows.forEach((row, i) => {
        row.forEach((pixel, j) => {
          // The mean of a linear function is its value in the middle.
          const value = b * 1000 + (2 * i + 0.5) * 30 + 2 * j + 0.5;
          expect(pixel).toEqual([value, -value]);
        });
      });
    });
  });
});
