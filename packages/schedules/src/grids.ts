import {
  choice,
  defineFactory,
  type Grid,
  halfLogSnr,
  integer,
  type Level,
  levelAt,
  number,
  numbers,
  type Schedule,
  TweedieError,
  timeRange,
} from '@tweedie/core';

/**
 * What follows the last time of a grid: 'clean' is the data itself, {t: −1 (the start of a
 * continuous schedule), α: 1, σ: 0}; 'first' is the least noisy level of the schedule (diffusers'
 * `set_alpha_to_one=False`), which repeats the last level when the times end there.
 */
export type FinalLevel = 'clean' | 'first';

function refuse(given: string, allowed: string): never {
  throw new TweedieError({ code: 'INVALID_VALUE', package: 'schedules', given, allowed });
}

function requireSteps(schedule: Schedule, steps: number): void {
  const most = schedule.time.kind === 'discrete' ? schedule.time.steps : Infinity;
  if (Number.isInteger(steps) && steps >= 1 && steps <= most) return;
  refuse(
    `the grid has ${steps} steps`,
    most === Infinity
      ? 'a whole number of at least 1'
      : `a whole number from 1 to the ${most} steps of schedule ${schedule.name}`,
  );
}

/**
 * A grid through a list of times, e.g. [999, 750, 500, 250].
 *
 * @param times strictly falling, each in the schedule's domain
 * @throws TweedieError INVALID_VALUE
 */
export function gridFromTimes(
  schedule: Schedule,
  times: readonly number[],
  final: FinalLevel = 'clean',
): Level[] {
  const [start, end] = timeRange(schedule);
  if (times.length === 0) refuse('the grid has no times', 'at least one time');
  times.forEach((t, i) => {
    if (!(t >= start && t <= end)) {
      refuse(
        `time ${i} of the grid is ${t}`,
        `numbers from ${start} to ${end} with schedule ${schedule.name}`,
      );
    }
    if (i > 0 && !(t < times[i - 1]!)) {
      refuse(`the grid goes from time ${times[i - 1]} to time ${t}`, 'times that strictly fall');
    }
  });
  const levels = times.map((t) => levelAt(schedule, t));
  levels.forEach((level, i) => {
    if (i > 0 && !(halfLogSnr(level) > halfLogSnr(levels[i - 1]!))) {
      refuse(
        `noise does not fall from time ${levels[i - 1]!.t} to time ${level.t} of schedule ${schedule.name}`,
        'a schedule whose noise grows with t',
      );
    }
  });
  const clean = { t: schedule.time.kind === 'discrete' ? -1 : start, alpha: 1, sigma: 0 };
  return [...levels, final === 'clean' ? clean : levelAt(schedule, start)];
}

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

/**
 * A grid on which each level but the last stands `times` times, e.g. σ₁, σ₁, σ₂, σ₂, 0: each of its
 * steps is made that many times, by samplers that stay at a level (Langevin).
 *
 * @throws TweedieError INVALID_VALUE for `times` that is not a whole number of at least 1
 */
export function repeatLevels(grid: readonly Level[], times: number): Level[] {
  if (!Number.isInteger(times) || times < 1) {
    refuse(`levels are repeated ${times} times`, 'a whole number of at least 1');
  }
  return grid.flatMap((level, i) =>
    i === grid.length - 1 ? [level] : new Array<Level>(times).fill(level),
  );
}

/** The nearest whole number; halves go to the even one, as in numpy and IEEE 754. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

const steps = integer({ default: 50, min: 1, doc: 'number of sampling steps' });
const final = choice(['clean', 'first'], {
  default: 'clean',
  doc: 'where the last step goes: the data itself, or the first level of the schedule',
});

const leading = defineFactory({
  owner: 'schedules',
  id: 'leading',
  doc: 'evenly spaced times from the first on; leaves out the most noisy levels',
  options: {
    steps,
    offset: integer({ default: 0, min: 0, doc: 'added to each time of a discrete schedule' }),
    final,
  },
  create: ({ steps, offset, final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => leadingGrid(schedule, steps, { offset, final }),
  }),
});

const trailing = defineFactory({
  owner: 'schedules',
  id: 'trailing',
  doc: 'evenly spaced times down from full noise',
  options: { steps, final },
  create: ({ steps, final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => trailingGrid(schedule, steps, { final }),
  }),
});

const linspace = defineFactory({
  owner: 'schedules',
  id: 'linspace',
  doc: 'evenly spaced times with both ends',
  options: { steps, final },
  create: ({ steps, final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => linspaceGrid(schedule, steps, { final }),
  }),
});

const full = defineFactory({
  owner: 'schedules',
  id: 'full',
  doc: 'every time of a discrete schedule',
  options: { final },
  create: ({ final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => fullGrid(schedule, { final }),
  }),
});

const times = defineFactory({
  owner: 'schedules',
  id: 'times',
  doc: 'a list of times, falling',
  options: { times: numbers({ default: null, doc: 'the times, strictly falling' }), final },
  create: ({ times, final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => gridFromTimes(schedule, times ?? [], final),
  }),
});

const constant = defineFactory({
  owner: 'schedules',
  id: 'constant',
  doc: 'one level again and again, for a chain that stays there (Langevin)',
  options: {
    steps,
    time: number({ default: null, doc: "time of the level; null is the schedule's first" }),
  },
  create: ({ steps, time }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => constantGrid(schedule, steps, { time }),
  }),
});

/** All grids, for registries. */
export const grids = [leading, trailing, linspace, full, times, constant] as const;
