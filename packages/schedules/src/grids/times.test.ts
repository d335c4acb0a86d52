import { levelAt } from '@tweedie/core';
import { schedulerReferences } from '@tweedie/testing';
import { expect, it } from 'vitest';
import { linear, ve } from '../index.js';
import { timesOf } from './evenly-spaced.testing.js';
import { gridFromTimes, times } from './times.js';

it("takes improved-diffusion's sections of their own lengths", () => {
  const { space_timesteps } = schedulerReferences.improved_diffusion;
  const given = [...space_timesteps['300,10,15,20']].reverse();
  expect(timesOf(gridFromTimes(linear({ steps: 300 }), given))).toEqual(given);
});

it('ends on the first level of the schedule when asked for', () => {
  expect(gridFromTimes(ve(), [1, 0.5], 'first').at(-1)).toEqual(levelAt(ve(), 0));
});

it.each<[string, readonly number[], RegExp]>([
  ['no times', [], /at least one time/],
  ['times that grow', [3, 5], /strictly fall/],
  ['a time twice', [3, 3], /strictly fall/],
  ['a time outside', [10, 3], /from 0 to 9/],
  ['no number', [Number.NaN], /is NaN/],
])('refuses %s', (_name, given, message) => {
  expect(() => gridFromTimes(linear({ steps: 10 }), given)).toThrow(message);
});

it('refuses noise that does not fall', () => {
  const flat = { ...linear({ steps: 10 }), alpha: () => 1, sigma: () => 1 };
  expect(() => gridFromTimes(flat, [3, 2])).toThrow(/noise does not fall/);
});

it('is the same by name', () => {
  expect(times({ times: [9, 4] }).levels(linear())).toEqual(gridFromTimes(linear(), [9, 4]));
});
