import { levelAt } from '@tweedie/core';
import { expect, it } from 'vitest';
import { geometric, linear, vp } from '../index.js';
import { constant, constantGrid } from './constant.js';

const schedule = geometric({ steps: 3, sigmaMin: 1, sigmaMax: 4 });

it('stays at a level for any number of steps', () => {
  const grid = constantGrid(schedule, 1000, { time: 1 });
  expect(grid).toHaveLength(1001);
  for (const level of grid) expect(level).toEqual(levelAt(schedule, 1));
});

it('stays at the first level of the schedule by default', () => {
  expect(constantGrid(schedule, 1)).toEqual([levelAt(schedule, 0), levelAt(schedule, 0)]);
  expect(constantGrid(vp({ start: 0.01 }), 1)[0]!.t).toBe(0.01);
});

it('refuses no steps, and a level outside', () => {
  expect(() => constantGrid(schedule, 0)).toThrow(/has 0 steps/);
  expect(() => constantGrid(schedule, 5, { time: 10 })).toThrow(/from 0 to 2/);
});

it('is the same by name', () => {
  expect(constant({ steps: 3, time: 7 }).levels(linear())).toEqual(
    constantGrid(linear(), 3, { time: 7 }),
  );
  expect(constant({ steps: 3 }).levels(linear())).toEqual(constantGrid(linear(), 3));
});
