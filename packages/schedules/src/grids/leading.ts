import { defineFactory, type Grid, integer, type Level, type Schedule } from '@tweedie/core';
import { mostSteps } from '../beta-options.js';
import { type FinalLevel, finalOption, refuse, requireSteps, stepsOption } from './grid-options.js';
import { gridFromTimes } from './times.js';

/**
 * Evenly spaced times from the first on, as DDIM's: 900, 800, … 0 of 1000 in 10 steps. The most
 * noisy levels are left out. A discrete schedule steps by ⌊T/steps⌋.
 *
 * @param options.offset added to each time of a discrete schedule (Stable Diffusion has 1)
 */
export function leadingGrid(
  schedule: Schedule,
  steps: number,
  options: { readonly offset?: number; readonly final?: FinalLevel } = {},
): Level[] {
  const { offset = 0, final } = options;
  requireSteps(schedule, steps);
  const { time } = schedule;
  let times: number[];
  if (time.kind === 'continuous') {
    if (offset !== 0) refuse(`the offset is ${offset}`, '0 with a continuous schedule');
    const gap = (time.end - time.start) / steps;
    times = Array.from({ length: steps }, (_, i) => time.start + gap * (steps - 1 - i));
  } else {
    const gap = Math.floor(time.steps / steps);
    const most = time.steps - 1 - gap * (steps - 1);
    if (!Number.isInteger(offset) || offset < 0 || offset > most) {
      refuse(`the offset is ${offset}`, `a whole number from 0 to ${most} with ${steps} steps`);
    }
    times = Array.from({ length: steps }, (_, i) => gap * (steps - 1 - i) + offset);
  }
  return gridFromTimes(schedule, times, final);
}

export const leading = defineFactory({
  owner: 'schedules',
  id: 'leading',
  doc: 'evenly spaced times from the first on; leaves out the most noisy levels',
  options: {
    steps: stepsOption,
    offset: integer({
      default: 0,
      min: 0,
      max: mostSteps,
      doc: 'added to each time of a discrete schedule',
    }),
    final: finalOption,
  },
  create: ({ steps, offset, final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => leadingGrid(schedule, steps, { offset, final }),
  }),
});
