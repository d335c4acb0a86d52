import { describe, expect, it } from 'vitest';
import { createRunLength, stepsThatFit } from './run-length.js';

describe('how many steps fit in a run', () => {
  it.each([
    [1e-5, 64],
    [0.002, 16],
    [0.0125, 4],
    [0.013, 1],
    [0.4, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])('of %d s each: %i', (seconds, count) => {
    expect(stepsThatFit(seconds)).toBe(count);
  });
});

describe('the length of the next run', () => {
  it('is that asked for, as long as so many steps are left and the backend runs several', () => {
    const length = createRunLength(4, true);
    expect([9, 4, 3, 1].map((remaining) => length.next(remaining))).toEqual([4, 4, 1, 1]);
    expect(createRunLength(4, false).next(9)).toBe(1);
  });

  it('follows from the shortest single step after the first two', () => {
    const length = createRunLength(null, true);
    for (const seconds of [1e-5, 1e-5, 0.0125]) {
      expect(length.next(100)).toBe(1);
      length.measured(1, seconds);
    }
    expect(length.next(100)).toBe(4);
    length.measured(4, 1e-5);
    expect(length.next(100)).toBe(4);
    length.measured(1, 0.002);
    length.measured(1, 0.01);
    expect([100, 16, 15].map((remaining) => length.next(remaining))).toEqual([16, 16, 1]);
  });
});
