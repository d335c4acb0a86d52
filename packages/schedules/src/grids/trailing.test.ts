import { expect, it } from 'vitest';
import { geometric, linear, ve, vp } from '../index.js';
import { testEvenlySpaced, timesOf } from './evenly-spaced.testing.js';
import { trailing, trailingGrid } from './trailing.js';

testEvenlySpaced('trailing', trailingGrid);

it('puts halves on even numbers, as numpy does', () => {
  // 1000 − 62.5 i, less one: 937.5 rounds to 938 and 812.5 to 812.
  expect(timesOf(trailingGrid(linear(), 16)).slice(0, 4)).toEqual([999, 937, 874, 811]);
});

it('begins at full noise, also with one step', () => {
  for (const steps of [1, 2, 10]) {
    expect(trailingGrid(linear(), steps)[0]!.t).toBe(999);
    expect(trailingGrid(vp(), steps)[0]!.t).toBe(1);
  }
});

it('is evenly spaced in continuous time', () => {
  expect(timesOf(trailingGrid(ve(), 4))).toEqual([1, 0.75, 0.5, 0.25]);
});

it('ends on the data, whose time is −1 or the start', () => {
  expect(trailingGrid(vp({ start: 0.01 }), 4).at(-1)).toEqual({ t: 0.01, alpha: 1, sigma: 0 });
  expect(trailingGrid(geometric(), 4).at(-1)).toEqual({ t: -1, alpha: 1, sigma: 0 });
});

it('is the same by name', () => {
  const made = trailing({ steps: 7, final: 'first' }).levels(linear());
  expect(made).toEqual(trailingGrid(linear(), 7, { final: 'first' }));
});
