import { defineFactory, type Grid, type Level, type Schedule, timeRange } from '@tweedie/core';
import {
  type FinalLevel,
  finalOption,
  requireSteps,
  roundHalfEven,
  stepsOption,
} from './grid-options.js';
import { gridFromTimes } from './times.js';

/** Evenly spaced times with both ends: 999, 888, … 0 of 1000 in 10 steps. One step begins at the last. */
export function linspaceGrid(
  schedule: Schedule,
  steps: number,
  options: { readonly final?: FinalLevel } = {},
): Level[] {
  requireSteps(schedule, steps);
  const [start, end] = timeRange(schedule);
  const gap = steps > 1 ? (end - start) / (steps - 1) : 0;
  const round = schedule.time.kind === 'discrete' ? roundHalfEven : (t: number) => t;
  const times = Array.from({ length: steps }, (_, i) =>
    i === 0 ? end : round(start + gap * (steps - 1 - i)),
  );
  return gridFromTimes(schedule, times, options.final);
}

export const linspace = defineFactory({
  owner: 'schedules',
  id: 'linspace',
  doc: 'evenly spaced times with both ends',
  options: { steps: stepsOption, final: finalOption },
  create: ({ steps, final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => linspaceGrid(schedule, steps, { final }),
  }),
});
