import { defineFactory, type Grid, type Level, type Schedule } from '@tweedie/core';
import {
  type FinalLevel,
  finalOption,
  requireSteps,
  roundHalfEven,
  stepsOption,
} from './grid-options.js';
import { gridFromTimes } from './times.js';

/**
 * Evenly spaced times down from the last: 999, 899, … 99 of 1000 in 10 steps. Begins at full noise,
 * which few-step sampling and zero terminal SNR need: Lin et al. (2023), section 3.3.
 */
export function trailingGrid(
  schedule: Schedule,
  steps: number,
  options: { readonly final?: FinalLevel } = {},
): Level[] {
  requireSteps(schedule, steps);
  const { time } = schedule;
  let times: number[];
  if (time.kind === 'continuous') {
    const gap = (time.end - time.start) / steps;
    times = Array.from({ length: steps }, (_, i) => time.end - gap * i);
  } else {
    // In numpy.arange's arithmetic, so that halves fall as in the reference.
    const gap = time.steps - time.steps / steps - time.steps;
    times = Array.from({ length: steps }, (_, i) => roundHalfEven(time.steps + gap * i) - 1);
  }
  return gridFromTimes(schedule, times, options.final);
}

export const trailing = defineFactory({
  owner: 'schedules',
  id: 'trailing',
  doc: 'evenly spaced times down from full noise',
  options: { steps: stepsOption, final: finalOption },
  create: ({ steps, final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => trailingGrid(schedule, steps, { final }),
  }),
});
