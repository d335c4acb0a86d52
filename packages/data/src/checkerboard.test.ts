import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { checkerboard } from './checkerboard.js';

describe('checkerboard', () => {
  it.each([2, 4, 6])('fills the dark squares of a board of %d evenly, and no other', (squares) => {
    const count = 18_000;
    const { x } = checkerboard({ squares }).batch(createRng(2), 0, count);
    const side = Math.sqrt(12);
    const found = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const column = Math.floor((x.data[2 * i]! / side + 1 / 2) * squares);
      const row = Math.floor((x.data[2 * i + 1]! / side + 1 / 2) * squares);
      found.set(`${column},${row}`, (found.get(`${column},${row}`) ?? 0) + 1);
    }
    const dark = squares ** 2 / 2;
    expect(found.size).toBe(dark);
    const mean = count / dark;
    for (const [square, points] of found) {
      const [column, row] = square.split(',').map(Number) as [number, number];
      expect((column + row) % 2).toBe(0);
      expect(Math.min(column, row)).toBeGreaterThanOrEqual(0);
      expect(Math.max(column, row)).toBeLessThan(squares);
      expect(Math.abs(points - mean)).toBeLessThan(4.5 * Math.sqrt(mean));
    }
  });

  it('refuses a board of an odd number of squares', () => {
    expect(() => checkerboard({ squares: 3 })).toThrow(/squares is 3.*an even number/);
  });
});
