import { defineFactory, type Grid, type Level, type Schedule } from '@tweedie/core';
import { type FinalLevel, finalOption, refuse } from './grid-options.js';
import { leadingGrid } from './leading.js';

/**
 * Every time of a discrete schedule: DDPM's own chain of T steps.
 *
 * @throws TweedieError INVALID_VALUE for a continuous schedule, which has no such list
 */
export function fullGrid(
  schedule: Schedule,
  options: { readonly final?: FinalLevel } = {},
): Level[] {
  if (schedule.time.kind === 'continuous') {
    refuse(
      `schedule ${schedule.name} is continuous and has no list of all its times`,
      'a discrete schedule, or a grid with a number of steps',
    );
  }
  return leadingGrid(schedule, schedule.time.steps, options);
}

export const full = defineFactory({
  owner: 'schedules',
  id: 'full',
  doc: 'every time of a discrete schedule',
  options: { final: finalOption },
  create: ({ final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => fullGrid(schedule, { final }),
  }),
});
