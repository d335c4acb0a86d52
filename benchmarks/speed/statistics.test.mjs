import { expect, test } from 'vitest';
import { median, relativeDifference, rotated } from './statistics.mjs';

test('the median is the middle number, whatever the order', () => {
  expect(median([9, 1, 10])).toBe(9);
  expect(median([10, 2, 4, 100])).toBe(7);
  expect(() => median([])).toThrow('no numbers');
});

test('differences are relative to the reference, and the largest counts', () => {
  expect(relativeDifference([1, -2.2], [1, -2])).toBeCloseTo(0.1, 12);
  expect(relativeDifference([0.5], [1])).toBe(0.5);
  expect(() => relativeDifference([1], [1, 2])).toThrow('different lengths');
});

test('everybody is first once in as many rounds as there are', () => {
  expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))).toEqual([
    'abc',
    'bca',
    'cab',
    'abc',
  ]);
});
