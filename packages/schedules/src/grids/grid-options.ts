import { choice, integer, type Schedule, TweedieError } from '@tweedie/core';
import { bytesOfStep, mostSteps } from '../beta-options.js';

/**
 * What follows the last time of a grid: 'clean' is the data itself, {t: −1 (the start of a
 * continuous schedule), α: 1, σ: 0}; 'first' is the least noisy level of the schedule (diffusers'
 * `set_alpha_to_one=False`), which repeats the last level when the times end there.
 */
export type FinalLevel = 'clean' | 'first';

/** The option of grids that have a number of steps. */
export const stepsOption = integer({
  default: 50,
  min: 1,
  max: mostSteps,
  bytes: bytesOfStep,
  doc: 'number of sampling steps',
});
/** The option of grids that say where the last step goes; see `FinalLevel`. */
export const finalOption = choice(['clean', 'first'], {
  default: 'clean',
  doc: 'where the last step goes: the data itself, or the first level of the schedule',
});

/** @throws TweedieError INVALID_VALUE */
export function refuse(given: string, allowed: string): never {
  throw new TweedieError({ code: 'INVALID_VALUE', package: 'schedules', given, allowed });
}

/**
 * Checks a number of steps against what the schedule has.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function requireSteps(schedule: Schedule, steps: number): void {
  const most = schedule.time.kind === 'discrete' ? schedule.time.steps : Infinity;
  if (Number.isInteger(steps) && steps >= 1 && steps <= most) return;
  refuse(
    `the grid has ${steps} steps`,
    most === Infinity
      ? 'a whole number of at least 1'
      : `a whole number from 1 to the ${most} steps of schedule ${schedule.name}`,
  );
}

/** The nearest whole number; halves go to the even one, as in numpy and IEEE 754. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
