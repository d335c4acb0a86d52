import { floats, TweedieError } from '@tweedie/core';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { encodePng, enlarge, imageGrid } from './image-grid.js';

describe('imageGrid', () => {
  it('maps −1, 0, 1 to black, mid grey and white and clips what is beyond', () => {
    const grid = imageGrid(floats([-1, 0, 1, 5], [1, 2, 2, 1]), 1, 0);
    expect([...grid.data]).toEqual([0, 128, 255, 255]);
  });

  it('places image i in row ⌊i / columns⌋, column i mod columns', () => {
    const images = floats([-1, -0.5, 0.5, 1, 0], [5, 1, 1, 1]);
    const grid = imageGrid(images, 2, 1);
    expect([grid.width, grid.height]).toEqual([5, 7]);
    const at = (column: number, row: number) => grid.data[(1 + 2 * row) * 5 + 1 + 2 * column];
    expect([at(0, 0), at(1, 0), at(0, 1), at(1, 1), at(0, 2)]).toEqual([0, 64, 191, 255, 128]);
  });

  it('round-trips colours through PNG, enlarged by whole pixels', () => {
    const pixels = enlarge(imageGrid(floats([1, -1, 0], [1, 1, 1, 3]), 1, 0), 3);
    const decoded = decode(encodePng(pixels));
    expect([decoded.width, decoded.height, decoded.channels]).toEqual([3, 3, 3]);
    for (let i = 0; i < 9; i++)
      expect([...decoded.data.slice(3 * i, 3 * i + 3)]).toEqual([255, 0, 128]);
  });

  it('refuses what is not a batch of images', () => {
    expect(() => imageGrid(floats([0, 0], [1, 2]))).toThrow(TweedieError);
    expect(() => imageGrid(floats([0, 0], [1, 1, 1, 2]))).toThrow(/1 or 3 channels/);
  });
});
