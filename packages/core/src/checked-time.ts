import type { TimeDomain } from './contracts/index.js';
import { TweedieError } from './errors.js';

/**
 * Checks that a time lies in a schedule's domain, as every schedule does in `alpha`, `sigma` and
 * `rates`. A time that rounding has put outside by less than a billionth of the range is moved to the
 * end.
 *
 * @param name of the schedule, for error messages
 * @param time the schedule's domain
 * @returns a time within the domain
 * @throws TweedieError INVALID_VALUE
 */
export function checkedTime(name: string, time: TimeDomain, t: number): number {
  const [start, end] = time.kind === 'discrete' ? [0, time.steps - 1] : [time.start, time.end];
  const slack = 1e-9 * Math.max(1, end - start);
  if (t >= start - slack && t <= end + slack) return Math.min(end, Math.max(start, t));
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'core',
    given: `${name}: the time is ${t}`,
    allowed: `a number from ${start} to ${end}`,
  });
}
