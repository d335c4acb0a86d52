import { createRng, floats, ints } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { points } from './points.js';

describe('points', () => {
  it('takes rows, with labels', () => {
    const data = points(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { labels: [2, 0], name: 'mine' },
    );
    expect(data).toMatchObject({ name: 'mine', itemShape: [3], size: 2, classes: 3 });
    expect(data.config).toEqual({ items: 2, itemShape: [3], classes: 3 });
    const { x, label } = data.batch(createRng(1), 0, 2);
    const rows = [0, 1].map((i) => [label!.data[i], ...x.data.subarray(3 * i, 3 * i + 3)]);
    expect(rows.sort()).toEqual([
      [0, 4, 5, 6],
      [2, 1, 2, 3],
    ]);
  });

  it('takes arrays of any item shape, and copies them', () => {
    const items = floats([1, 2, 3, 4], [1, 2, 2]);
    const data = points(items);
    items.data.fill(9);
    expect(data.itemShape).toEqual([2, 2]);
    expect(data.batch(createRng(0), 3, 2)).toEqual({
      x: floats([1, 2, 3, 4, 1, 2, 3, 4], [2, 2, 2]),
    });
    expect(points(ints([1, 2], [2, 1])).batch(createRng(0), 0, 1).x.data).toBeInstanceOf(
      Float32Array,
    );
  });

  it.each([
    [[[1, 2], [3]], /row 1 has 1 numbers and row 0 has 2/],
    [[[]], /row 0 has 0 numbers/],
    [
      [
        [1, 2],
        [3, Number.NaN],
      ],
      /row 1, column 1 is NaN/,
    ],
    [[[1e300]], /row 0, column 0 is Infinity/],
    [[], /there are no items/],
  ])('refuses %j', (rows, message) => {
    expect(() => points(rows)).toThrow(message);
  });

  it('refuses arrays without an axis for items, and labels that do not fit', () => {
    expect(() => points(floats([1, 2, 3]))).toThrow(/the shape \[3\]/);
    expect(() => points([[1], [2]], { labels: [0] })).toThrow(/2 items and 1 labels/);
    expect(() => points([[1]], { labels: [0.5] })).toThrow(/item 0 of points is 0.5/);
    expect(() => points([[1]], { labels: [3], classes: 3 })).toThrow(
      /item 0 of points is 3.*0 to 2/,
    );
  });
});
