import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { checkerboard, pinwheel, rings, spirals, swissRoll, twoMoons } from './datasets.js';
import { datasets } from './index.js';

/** Every 2-D set with noise, and some with other options. */
const sets = [
  ...datasets.filter(({ options }) => 'noise' in options).map((factory) => factory()),
  twoMoons({ noise: 0.3 }),
  swissRoll({ noise: 0.2 }),
  pinwheel({ arms: 3, radial: 0.6, bend: 2, noise: 0.1 }),
  checkerboard({ squares: 6, noise: 0.1 }),
  rings({ count: 1, noise: 0.5 }),
  spirals({ arms: 5, turns: 0.7, noise: 0.1 }),
].map((data) => [`${data.name} ${JSON.stringify(data.config)}`, data] as const);

/** Mean of numbers with its standard error. */
function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(square / (values.length - 1) / values.length) };
}

describe.each(sets)('%s', (_name, data) => {
  const noise = data.config.noise as number;
  const count = 20_000;
  const { x, label } = data.batch(createRng(11), 0, count);
  const column = (at: number) => Array.from({ length: count }, (_, i) => x.data[2 * i + at]!);

  it('has mean 0', () => {
    for (const at of [0, 1]) {
      const { mean, error } = meanOf(column(at));
      expect(Math.abs(mean)).toBeLessThan(4.5 * error);
    }
  });

  it('has E‖x‖² = 2 and its noise on top', () => {
    const [first, second] = [column(0), column(1)];
    const { mean, error } = meanOf(first.map((value, i) => value ** 2 + second[i]! ** 2));
    expect(error).toBeLessThan(0.05);
    expect(Math.abs(mean - 2 - 2 * noise ** 2)).toBeLessThan(4.5 * error);
  });

  it('has each of its classes equally often', () => {
    if (data.classes === 0) {
      expect(label).toBeUndefined();
      return;
    }
    const counts = new Array<number>(data.classes).fill(0);
    for (const value of label!.data) counts[value]! += 1;
    const share = 1 / data.classes;
    const error = Math.sqrt(count * share * (1 - share));
    for (const found of counts) {
      expect(Math.abs(found - count * share)).toBeLessThanOrEqual(4.5 * error);
    }
  });
});
