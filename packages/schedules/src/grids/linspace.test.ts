import { schedulerReferences } from '@tweedie/testing';
import { expect, it } from 'vitest';
import { linear, ve } from '../index.js';
import { testEvenlySpaced, timesOf } from './evenly-spaced.testing.js';
import { linspace, linspaceGrid } from './linspace.js';

testEvenlySpaced('linspace', linspaceGrid);

it("is one section of improved-diffusion's space_timesteps", () => {
  const { space_timesteps } = schedulerReferences.improved_diffusion;
  const up = timesOf(linspaceGrid(linear(), 10)).reverse();
  expect(up).toEqual(space_timesteps['1000,10']);
});

it('puts halves on even numbers, as numpy does', () => {
  // 999/2 = 499.5 rounds to 500.
  expect(timesOf(linspaceGrid(linear(), 3))).toEqual([999, 500, 0]);
});

it('begins at full noise, also with one step', () => {
  for (const steps of [1, 2, 10]) expect(linspaceGrid(linear(), steps)[0]!.t).toBe(999);
});

it('is evenly spaced in continuous time', () => {
  expect(timesOf(linspaceGrid(ve(), 5))).toEqual([1, 0.75, 0.5, 0.25, 0]);
});

it('is the same by name', () => {
  expect(linspace({ steps: 7 }).levels(linear())).toEqual(linspaceGrid(linear(), 7));
});
