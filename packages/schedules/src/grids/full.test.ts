import { expect, it } from 'vitest';
import { linear, vp } from '../index.js';
import { timesOf } from './evenly-spaced.testing.js';
import { full, fullGrid } from './full.js';

it('is every time of the schedule, then the data', () => {
  expect(timesOf(fullGrid(linear({ steps: 4 })))).toEqual([3, 2, 1, 0]);
  expect(fullGrid(linear()).at(-1)).toEqual({ t: -1, alpha: 1, sigma: 0 });
});

it('refuses a continuous schedule', () => {
  expect(() => fullGrid(vp())).toThrow(/continuous/);
});

it('is the same by name', () => {
  expect(full().levels(linear())).toEqual(fullGrid(linear()));
});
