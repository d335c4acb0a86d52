import { type Grid, halfLogSnr, type Level, levelAt, type Schedule } from '@tweedie/core';
import { describe, expect, it } from 'vitest';

export interface GridKitOptions {
  /** false for a grid that refuses continuous schedules with INVALID_VALUE; true. */
  readonly continuous?: boolean;
}

const angle = (share: number) => (0.02 + 0.96 * share) * (Math.PI / 2);
const discrete: Schedule = {
  name: 'quarter-circle of 100 steps',
  config: {},
  time: { kind: 'discrete', steps: 100 },
  alpha: (t) => Math.cos(angle(t / 99)),
  sigma: (t) => Math.sin(angle(t / 99)),
};
const continuous: Schedule = {
  name: 'exploding',
  config: {},
  time: { kind: 'continuous', start: 0.01, end: 2 },
  alpha: () => 1,
  sigma: (t) => 10 * t,
};

/**
 * What every grid must hold: levels of its schedule from most to least noise, the data at most at the
 * end, the same each time.
 *
 * @param make makes the grid under test
 */
export function testGrid(
  name: string,
  make: () => Grid,
  { continuous: takesContinuous = true }: GridKitOptions = {},
): void {
  describe(`grid ${name}`, () => {
    it('has a name and options that JSON keeps', () => {
      const { name: id, config } = make();
      expect(id).not.toBe('');
      expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    });

    const schedules = takesContinuous ? [discrete, continuous] : [discrete];
    describe.each(schedules.map((schedule) => [schedule.name, schedule] as const))(
      'of a schedule %s',
      (_name, schedule) => {
        const levels = make().levels(schedule);

        it('has at least one step, and is the same each time', () => {
          expect(levels.length).toBeGreaterThan(1);
          expect(make().levels(schedule)).toEqual(levels);
        });

        it('goes from noise to data', () => {
          levels.slice(1).forEach((level, i) => {
            const change = halfLogSnr(level) - halfLogSnr(levels[i]!);
            // λ = ∞ twice over at a clean level after a clean level.
            expect(Number.isNaN(change) || change >= 0, `level ${i + 1}`).toBe(true);
          });
          for (const { alpha, sigma } of levels.slice(0, -1)) {
            expect(Number.isFinite(alpha) && alpha >= 0).toBe(true);
            expect(Number.isFinite(sigma) && sigma > 0).toBe(true);
          }
        });

        it('holds levels of the schedule, but for the data at its end', () => {
          const isClean = ({ alpha, sigma }: Level) => alpha === 1 && sigma === 0;
          const own = isClean(levels.at(-1)!) ? levels.slice(0, -1) : levels;
          for (const level of own) expect(level).toEqual(levelAt(schedule, level.t));
        });
      },
    );

    if (takesContinuous) return;
    it('refuses a continuous schedule', () => {
      expect(() => make().levels(continuous)).toThrow(
        expect.objectContaining({ code: 'INVALID_VALUE' }),
      );
    });
  });
}
