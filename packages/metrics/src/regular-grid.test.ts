import { expect, it } from 'vitest';
import { regularGrid } from './regular-grid.js';

it('puts points at the centres of equal cells, the last coordinate fastest', () => {
  const { points, counts, cellVolume } = regularGrid([0, 10], [2, 14], 2);
  expect([...points.data]).toEqual([0.5, 11, 0.5, 13, 1.5, 11, 1.5, 13]);
  expect(points.shape).toEqual([4, 2]);
  expect(counts).toEqual([2, 2]);
  expect(cellVolume).toBe(2);
});

it('works in any dimension', () => {
  const { points, cellVolume } = regularGrid([0, 0, 0], [1, 1, 1], 3);
  expect(points.shape).toEqual([27, 3]);
  expect(27 * cellVolume).toBeCloseTo(1, 12);
  expect([...points.data.subarray(78)]).toEqual(new Array(3).fill(Math.fround(5 / 6)));
});

it('refuses corners that do not make a box', () => {
  expect(() => regularGrid([0], [1, 2], 3)).toThrow(/from \[0\] to \[1, 2\]/);
  expect(() => regularGrid([0, 2], [1, 2], 3)).toThrow(/each of the second above/);
  expect(() => regularGrid([], [], 3)).toThrow(/from \[\] to \[\]/);
  expect(() => regularGrid([0], [1], 0)).toThrow(/count is 0/);
});
