import {
  defineFactory,
  type Grid,
  halfLogSnr,
  type Level,
  levelAt,
  numbers,
  type Schedule,
  timeRange,
} from '@tweedie/core';
import { type FinalLevel, finalOption, refuse } from './grid-options.js';

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

export const times = defineFactory({
  owner: 'schedules',
  id: 'times',
  doc: 'a list of times, falling',
  options: {
    times: numbers({ default: null, doc: 'the times, strictly falling' }),
    final: finalOption,
  },
  create: ({ times, final }): Pick<Grid, 'levels'> => ({
    levels: (schedule) => gridFromTimes(schedule, times ?? [], final),
  }),
});
