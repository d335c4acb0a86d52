import { createRng, type Dataset } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { checkerboard } from './checkerboard.js';
import { eightGaussians } from './eight-gaussians.js';
import { pinwheel } from './pinwheel.js';
import { rings } from './rings.js';
import { spirals } from './spirals.js';
import { swissRoll } from './swiss-roll.js';
import { twoMoons } from './two-moons.js';

/** Every set of the plane with the noise that it was made with. */
const sets: readonly (readonly [string, Dataset, number])[] = [
  ['two moons', twoMoons({ noise: 0.3 }), 0.3],
  ['swiss roll', swissRoll({ noise: 0.2 }), 0.2],
  ['pinwheel', pinwheel(), 0],
  ['pinwheel of three', pinwheel({ arms: 3, radial: 0.6, bend: 2, noise: 0.1 }), 0.1],
  ['checkerboard', checkerboard(), 0],
  ['checkerboard of six', checkerboard({ squares: 6, noise: 0.1 }), 0.1],
  ['rings', rings(), 0.04],
  ['one ring', rings({ count: 1, noise: 0.5 }), 0.5],
  ['eight Gaussians', eightGaussians(), 0.1],
  ['spirals', spirals(), 0.04],
  ['five spirals', spirals({ arms: 5, turns: 0.7, noise: 0.1 }), 0.1],
];

/** Mean of numbers with its standard error. */
function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(square / (values.length - 1) / values.length) };
}

describe.each(sets)('%s', (_name, data, noise) => {
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

  it('gives item i of a batch of any size the same point', () => {
    const rng = createRng(3);
    const one = data.batch(rng, 5, 1);
    const many = data.batch(rng, 5, 64);
    const late = data.batch(rng.fromItem(40), 5, 24);
    expect([...many.x.data.subarray(0, 2)]).toEqual([...one.x.data]);
    expect([...many.x.data.subarray(80)]).toEqual([...late.x.data]);
    expect(many.label?.data.slice(40)).toEqual(late.label?.data);
  });

  it('draws other points at another step and from another generator', () => {
    const first = data.batch(createRng(3), 5, 8);
    expect(data.batch(createRng(3), 5, 8)).toEqual(first);
    expect(data.batch(createRng(3), 6, 8).x.data).not.toEqual(first.x.data);
    expect(data.batch(createRng(4), 5, 8).x.data).not.toEqual(first.x.data);
  });

  it('is an endless set of the plane', () => {
    expect(data.size).toBe(Number.POSITIVE_INFINITY);
    expect(data.itemShape).toEqual([2]);
    expect(x.shape).toEqual([count, 2]);
  });

  it('refuses an empty batch', () => {
    expect(() => data.batch(createRng(0), 0, 0)).toThrow(/the batch size is 0/);
  });
});
