import type { Level } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { checkGrid } from './check-grid.js';

const pure = { t: 9, alpha: 0, sigma: 1 };
const noisy = { t: 5, alpha: 0.6, sigma: 0.8 };
const slight = { t: 1, alpha: 0.8, sigma: 0.6 };
const clean = { t: -1, alpha: 1, sigma: 0 };

describe('checkGrid', () => {
  it.each<[string, Level[]]>([
    ['from pure noise to the data', [pure, noisy, slight, clean]],
    ['that ends before the data', [noisy, slight]],
    ['that repeats a level', [noisy, slight, slight]],
  ])('allows a grid %s', (_name, grid) => {
    expect(() => checkGrid('test', grid, 'denoise')).not.toThrow();
    expect(() => checkGrid('test', [...grid].reverse(), 'invert')).not.toThrow();
  });

  it.each<[string, Level[], RegExp]>([
    ['no level', [], /has 0 levels/],
    ['one level', [noisy], /has 1 levels/],
    ['a NaN', [{ ...noisy, alpha: Number.NaN }, clean], /level 0 .* is no level/],
    ['an infinite σ', [{ ...noisy, sigma: Infinity }, clean], /level 0 .* is no level/],
    ['a negative σ', [noisy, { ...slight, sigma: -1 }], /level 1 .* is no level/],
    ['neither signal nor noise', [noisy, { t: 0, alpha: 0, sigma: 0 }], /is no level/],
    ['the data before the end', [noisy, clean, clean], /level 1 .* has no noise/],
    ['pure noise after the start', [pure, pure, clean], /level 1 .* has no signal/],
    ['noise that grows', [slight, noisy, clean], /noise grows to level 1/],
  ])('refuses %s', (_name, grid, message) => {
    expect(() => checkGrid('test', grid, 'denoise')).toThrow(message);
  });

  it('refuses noise that falls in an inversion', () => {
    expect(() => checkGrid('test', [noisy, slight], 'invert')).toThrow(/noise falls to level 1/);
  });
});
