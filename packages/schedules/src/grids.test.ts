import { createRegistry, halfLogSnr, type Level, levelAt, timeRange } from '@tweedie/core';
import { schedulerReferences, timestepTables } from '@tweedie/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosine, fromBetas, linear } from './beta-schedules.js';
import {
  constantGrid,
  fullGrid,
  gridFromTimes,
  grids,
  leadingGrid,
  linspaceGrid,
  repeatLevels,
  trailingGrid,
} from './grids.js';
import { schedules } from './index.js';
import { geometric, ve } from './variance-exploding.js';
import { vp } from './variance-preserving.js';

const timesOf = (levels: readonly Level[]) => levels.slice(0, -1).map(({ t }) => t);
const makers = { leading: leadingGrid, trailing: trailingGrid, linspace: linspaceGrid };

describe("diffusers' timesteps of 1000", () => {
  it.each(Object.keys(timestepTables))('%s', (name) => {
    const [, spacing, steps] = name.split('_');
    const make = makers[spacing as keyof typeof makers];
    expect(timesOf(make(linear(), Number(steps)))).toEqual(timestepTables[name]);
  });

  it('leaves the offset to leading spacing', () => {
    expect(timesOf(leadingGrid(linear(), 4, { offset: 1 }))).toEqual([751, 501, 251, 1]);
  });

  it('puts halves on even numbers, as numpy does', () => {
    // 1000 − 62.5 i, less one: 937.5 rounds to 938 and 812.5 to 812.
    expect(timesOf(trailingGrid(linear(), 16)).slice(0, 4)).toEqual([999, 937, 874, 811]);
    // 999/2 = 499.5 rounds to 500.
    expect(timesOf(linspaceGrid(linear(), 3))).toEqual([999, 500, 0]);
  });
});

describe("improved-diffusion's space_timesteps", () => {
  const { space_timesteps } = schedulerReferences.improved_diffusion;
  it('one section is linspace, ddim10 is leading', () => {
    const up = (levels: readonly Level[]) => timesOf(levels).reverse();
    expect(up(linspaceGrid(linear(), 10))).toEqual(space_timesteps['1000,10']);
    expect(up(leadingGrid(linear(), 10))).toEqual(space_timesteps['1000,ddim10']);
  });

  it('sections of their own lengths are a list of times', () => {
    const times = [...space_timesteps['300,10,15,20']].reverse();
    expect(timesOf(gridFromTimes(linear({ steps: 300 }), times))).toEqual(times);
  });
});

describe('every grid', () => {
  const all = schedules.map((factory) =>
    factory.id === 'betas' ? fromBetas({ betas: [0.1, 0.2, 0.3, 0.4, 0.5] }) : factory(),
  );
  all.push(linear({ steps: 7, zeroTerminalSnr: true }), cosine({ steps: 5 }));

  it.each(all.map((schedule) => [schedule.name, schedule] as const))(
    'falls in noise from within the schedule to the data: %s',
    (_name, schedule) => {
      const [start, end] = timeRange(schedule);
      for (const make of Object.values(makers)) {
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
      }
    },
  );

  it('has whole, distinct times for any number of steps', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 300 }),
      (a, b) => {
        const schedule = linear({ steps: Math.max(a, b) });
        for (const make of Object.values(makers)) {
          const times = timesOf(make(schedule, Math.min(a, b)));
          expect(times.every(Number.isInteger)).toBe(true);
          expect(new Set(times).size).toBe(Math.min(a, b));
        }
      },
    );
    fc.assert(property, { numRuns: 60, seed: 1 });
  });

  it('trailing and linspace begin at full noise, also with one step', () => {
    for (const steps of [1, 2, 10]) {
      expect(trailingGrid(linear(), steps)[0]!.t).toBe(999);
      expect(linspaceGrid(linear(), steps)[0]!.t).toBe(999);
      expect(trailingGrid(vp(), steps)[0]!.t).toBe(1);
    }
  });
});

describe('the final level', () => {
  it('is the data, whose time is −1 or the start', () => {
    expect(fullGrid(linear()).at(-1)).toEqual({ t: -1, alpha: 1, sigma: 0 });
    expect(trailingGrid(vp({ start: 0.01 }), 4).at(-1)).toEqual({ t: 0.01, alpha: 1, sigma: 0 });
    expect(trailingGrid(geometric(), 4).at(-1)).toEqual({ t: -1, alpha: 1, sigma: 0 });
  });

  it('is the first level of the schedule when asked for', () => {
    const schedule = linear();
    for (const make of Object.values(makers)) {
      expect(make(schedule, 3, { final: 'first' }).at(-1)).toEqual(levelAt(schedule, 0));
    }
    expect(gridFromTimes(ve(), [1, 0.5], 'first').at(-1)).toEqual(levelAt(ve(), 0));
  });
});

describe('continuous times', () => {
  it('are evenly spaced', () => {
    const schedule = ve();
    expect(timesOf(leadingGrid(schedule, 4))).toEqual([0.75, 0.5, 0.25, 0]);
    expect(timesOf(trailingGrid(schedule, 4))).toEqual([1, 0.75, 0.5, 0.25]);
    expect(timesOf(linspaceGrid(schedule, 5))).toEqual([1, 0.75, 0.5, 0.25, 0]);
  });
});

describe('chains', () => {
  const schedule = geometric({ steps: 3, sigmaMin: 1, sigmaMax: 4 });

  it('stay at a level for any number of steps', () => {
    const grid = constantGrid(schedule, 1000, { time: 1 });
    expect(grid).toHaveLength(1001);
    for (const level of grid) expect(level).toEqual(levelAt(schedule, 1));
    expect(constantGrid(schedule, 1)).toEqual([levelAt(schedule, 0), levelAt(schedule, 0)]);
    expect(constantGrid(vp({ start: 0.01 }), 1)[0]!.t).toBe(0.01);
  });

  it('repeat each level of a grid but the last', () => {
    const times = (levels: readonly Level[]) => levels.map(({ t }) => t);
    expect(times(repeatLevels(fullGrid(schedule), 2))).toEqual([2, 2, 1, 1, 0, 0, -1]);
    expect(repeatLevels(fullGrid(schedule), 1)).toEqual(fullGrid(schedule));
    expect(repeatLevels([], 2)).toEqual([]);
  });
});

describe('bad grids', () => {
  const schedule = linear({ steps: 10 });
  it.each<[string, () => unknown, RegExp]>([
    ['no steps', () => trailingGrid(schedule, 0), /from 1 to the 10 steps/],
    ['half a step', () => linspaceGrid(schedule, 2.5), /has 2.5 steps/],
    ['more steps than levels', () => leadingGrid(schedule, 11), /from 1 to the 10 steps/],
    ['an offset past the end', () => leadingGrid(schedule, 5, { offset: 2 }), /from 0 to 1/],
    ['an offset in continuous time', () => leadingGrid(vp(), 5, { offset: 1 }), /offset is 1/],
    ['no times', () => gridFromTimes(schedule, []), /at least one time/],
    ['times that grow', () => gridFromTimes(schedule, [3, 5]), /strictly fall/],
    ['a time twice', () => gridFromTimes(schedule, [3, 3]), /strictly fall/],
    ['a time outside', () => gridFromTimes(schedule, [10, 3]), /from 0 to 9/],
    ['no number', () => gridFromTimes(schedule, [Number.NaN]), /is NaN/],
    ['a chain of no steps', () => constantGrid(schedule, 0), /has 0 steps/],
    ['a chain outside', () => constantGrid(schedule, 5, { time: 10 }), /from 0 to 9/],
    ['levels half a time', () => repeatLevels(fullGrid(schedule), 0.5), /repeated 0.5 times/],
    ['all of a continuous schedule', () => fullGrid(vp()), /continuous/],
    [
      'noise that does not fall',
      () => gridFromTimes({ ...schedule, alpha: () => 1, sigma: () => 1 }, [3, 2]),
      /noise does not fall/,
    ],
  ])('%s', (_name, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('grids by name', () => {
  const registry = createRegistry({ grid: grids });
  const schedule = linear();

  it('give the same levels as the functions', () => {
    const made = (name: string, options: Record<string, unknown>) =>
      registry.create('grid', name, options as never).levels(schedule);
    expect(made('leading', { steps: 10, offset: 1 })).toEqual(
      leadingGrid(schedule, 10, { offset: 1 }),
    );
    expect(made('trailing', { steps: 7, final: 'first' })).toEqual(
      trailingGrid(schedule, 7, { final: 'first' }),
    );
    expect(made('linspace', { steps: 7 })).toEqual(linspaceGrid(schedule, 7));
    expect(made('full', {})).toEqual(fullGrid(schedule));
    expect(made('times', { times: [9, 4] })).toEqual(gridFromTimes(schedule, [9, 4]));
    expect(made('constant', { steps: 3, time: 7 })).toEqual(constantGrid(schedule, 3, { time: 7 }));
    expect(made('constant', { steps: 3 })).toEqual(constantGrid(schedule, 3));
  });
});
