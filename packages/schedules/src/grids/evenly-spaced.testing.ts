import { halfLogSnr, type Level, levelAt, type Schedule, timeRange } from '@tweedie/core';
import { timestepTables } from '@tweedie/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosine, fromBetas, linear, schedules } from '../index.js';
import type { FinalLevel } from './index.js';

/** The times of a grid, without that of its last level. */
export const timesOf = (levels: readonly Level[]) => levels.slice(0, -1).map(({ t }) => t);

/** One of each schedule, and short ones. */
const all = schedules.map((factory) =>
  factory.id === 'betas' ? fromBetas({ betas: [0.1, 0.2, 0.3, 0.4, 0.5] }) : factory(),
);
all.push(linear({ steps: 7, zeroTerminalSnr: true }), cosine({ steps: 5 }));

/**
 * What every grid of a number of evenly spaced times holds.
 *
 * @param spacing its name in diffusers
 */
export function testEvenlySpaced(
  spacing: 'leading' | 'trailing' | 'linspace',
  make: (schedule: Schedule, steps: number, options?: { final?: FinalLevel }) => Level[],
): void {
  describe(`${spacing} spacing`, () => {
    const tables = Object.keys(timestepTables).filter((name) => name.split('_')[1] === spacing);

    it.each(tables)("is diffusers' of 1000: %s", (name) => {
      const steps = Number(name.split('_')[2]);
      expect(timesOf(make(linear(), steps))).toEqual(timestepTables[name]);
    });

    it.each(all.map((schedule) => [schedule.name, schedule] as const))(
      'falls in noise from within the schedule to the data: %s',
      (_name, schedule) => {
        const [start, end] = timeRange(schedule);
        for (const steps of [1, 2, 3, 4, 5]) {
          const levels = make(schedule, steps);
          expect(levels).toHaveLength(steps + 1);
          expect(levels.at(-1)).toMatchObject({ alpha: 1, sigma: 0 });
          levels.slice(0, -1).forEach((level, i) => {
            expect(level).toEqual(levelAt(schedule, level.t));
            expect(level.t).toBeGreaterThanOrEqual(start);
            expect(level.t).toBeLessThanOrEqual(end);
            expect(halfLogSnr(levels[i + 1]!)).toBeGreaterThan(halfLogSnr(level));
          });
        }
      },
    );

    it('has whole, distinct times for any number of steps', () => {
      const size = fc.integer({ min: 1, max: 300 });
      const property = fc.property(size, size, (a, b) => {
        const times = timesOf(make(linear({ steps: Math.max(a, b) }), Math.min(a, b)));
        expect(times.every(Number.isInteger)).toBe(true);
        expect(new Set(times).size).toBe(Math.min(a, b));
      });
      fc.assert(property, { numRuns: 60, seed: 1 });
    });

    it('ends on the first level of the schedule when asked for', () => {
      expect(make(linear(), 3, { final: 'first' }).at(-1)).toEqual(levelAt(linear(), 0));
    });

    it.each([
      [0, /from 1 to the 10 steps/],
      [2.5, /has 2.5 steps/],
      [11, /from 1 to the 10 steps/],
    ])('refuses %s steps of 10', (steps, message) => {
      expect(() => make(linear({ steps: 10 }), steps)).toThrow(message);
    });
  });
}
