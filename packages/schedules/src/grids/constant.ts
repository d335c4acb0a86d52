import {
  defineFactory,
  type Grid,
  type Level,
  number,
  type Schedule,
  timeRange,
} from '@tweedie/core';
import { refuse, stepsOption } from './grid-options.js';
import { gridFromTimes } from './times.js';

/**
 * One level again and again: the grid of a chain that stays at its level, of which Langevin sampling
 * makes `steps` iterations.
 *
 * @param options.time the time of the level; the schedule's first, of least noise, where it is left out
 * @throws TweedieError INVALID_VALUE for a number of steps that is none, or a time outside the schedule
 */
export function constantGrid(
  schedule: Schedule,
  steps: number,
  options: { readonly time?: number | null | undefined } = {},
): Level[] {
  // A chain has no limit: it may have more steps than the schedule has levels.
  if (!Number.isInteger(steps) || steps < 1) {
    refuse(`the grid has ${steps} steps`, 'a whole number of at least 1');
  }
  const [level] = gridFromTimes(schedule, [options.time ?? timeRange(schedule)[0]]);
  return new Array<Level>(steps + 1).fill(level!);
}

export const constant = defineFactory({
  owner: 'schedules',
  id: 'constant',
  doc: 'one level again and again, for a chain that stays there (Langevin)',
  options: {
    // All of its levels are one: a chain may be long.
    steps: { ...stepsOption, max: 10_000_000, bytes: 8 },
    time: number({ default: null, doc: "time of the level; null is the schedule's first" }),
  },
  create: ({ steps, time }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => constantGrid(schedule, steps, { time }),
  }),
});
