import { schedulerReferences } from '@tweedie/testing';
import { expect, it } from 'vitest';
import { linear, ve, vp } from '../index.js';
import { testEvenlySpaced, timesOf } from './evenly-spaced.testing.js';
import { leading, leadingGrid } from './leading.js';

testEvenlySpaced('leading', leadingGrid);

it("is improved-diffusion's ddim10", () => {
  const { space_timesteps } = schedulerReferences.improved_diffusion;
  const up = timesOf(leadingGrid(linear(), 10)).reverse();
  expect(up).toEqual(space_timesteps['1000,ddim10']);
});

it('adds an offset', () => {
  expect(timesOf(leadingGrid(linear(), 4, { offset: 1 }))).toEqual([751, 501, 251, 1]);
});

it('is evenly spaced in continuous time', () => {
  expect(timesOf(leadingGrid(ve(), 4))).toEqual([0.75, 0.5, 0.25, 0]);
});

it('refuses an offset past the end, and one in continuous time', () => {
  const schedule = linear({ steps: 10 });
  expect(() => leadingGrid(schedule, 5, { offset: 2 })).toThrow(/from 0 to 1/);
  expect(() => leadingGrid(vp(), 5, { offset: 1 })).toThrow(/offset is 1/);
});

it('is the same by name', () => {
  const made = leading({ steps: 10, offset: 1 }).levels(linear());
  expect(made).toEqual(leadingGrid(linear(), 10, { offset: 1 }));
});
