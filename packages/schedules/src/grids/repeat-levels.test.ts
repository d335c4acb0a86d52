import type { Level } from '@tweedie/core';
import { expect, it } from 'vitest';
import { geometric } from '../index.js';
import { fullGrid } from './full.js';
import { repeatLevels } from './repeat-levels.js';

const grid = fullGrid(geometric({ steps: 3, sigmaMin: 1, sigmaMax: 4 }));

it('repeats each level but the last', () => {
  const times = (levels: readonly Level[]) => levels.map(({ t }) => t);
  expect(times(repeatLevels(grid, 2))).toEqual([2, 2, 1, 1, 0, 0, -1]);
  expect(repeatLevels(grid, 1)).toEqual(grid);
  expect(repeatLevels([], 2)).toEqual([]);
});

it('refuses half a time', () => {
  expect(() => repeatLevels(grid, 0.5)).toThrow(/repeated 0.5 times/);
});
