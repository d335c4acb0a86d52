import { createRng } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finiteDataset } from './finite-dataset.js';

/** Item i is [i, −i] and has the class i mod 3. */
const counted = (size: number) =>
  finiteDataset({
    itemShape: [2],
    size,
    classes: 3,
    write(index, out, at) {
      out[at] = index;
      out[at + 1] = -index;
    },
    label: (index) => index % 3,
  });

/** The items of steps 0 … steps − 1, in order. */
function walk(size: number, batchSize: number, steps: number, seed = 1): number[] {
  const data = counted(size);
  const rng = createRng(seed);
  return Array.from({ length: steps }, (_, step) => [
    ...data.batch(rng, step, batchSize).x.data.filter((_, i) => i % 2 === 0),
  ]).flat();
}

describe('finiteDataset', () => {
  it('gives each item exactly once an epoch, across the borders of batches', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 1e6 }),
        (size, batchSize, seed) => {
          const epochs = 3;
          const steps = Math.ceil((epochs * size) / batchSize);
          const items = walk(size, batchSize, steps, seed);
          for (let epoch = 0; epoch < epochs; epoch++) {
            const once = items.slice(epoch * size, (epoch + 1) * size).sort((a, b) => a - b);
            expect(once).toEqual(Array.from({ length: size }, (_, i) => i));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('walks the same sequence in batches of any size', () => {
    expect(walk(10, 7, 10)).toEqual(walk(10, 1, 70));
    expect(walk(10, 35, 2)).toEqual(walk(10, 1, 70));
  });

  it('orders epochs, and generators, differently', () => {
    const items = walk(50, 50, 2);
    expect(items.slice(0, 50)).not.toEqual(items.slice(50));
    expect(walk(50, 50, 1, 1)).not.toEqual(walk(50, 50, 1, 2));
  });

  it('depends on the key and the step only', () => {
    const data = counted(10);
    const rng = createRng(5);
    const first = data.batch(rng, 7, 4);
    data.batch(createRng(6), 7, 4);
    data.batch(rng, 0, 4);
    rng.normal([3]);
    expect(data.batch(rng, 7, 4)).toEqual(first);
    expect(data.batch(rng.fromItem(3), 7, 4)).toEqual(first);
    expect(counted(10).batch(createRng(5), 7, 4)).toEqual(first);
    expect(rng.state().draws).toBe(1);
  });

  it('keeps labels with their items', () => {
    const { x, label } = counted(10).batch(createRng(1), 0, 25);
    expect(x.shape).toEqual([25, 2]);
    expect(label?.shape).toEqual([25]);
    for (let i = 0; i < 25; i++) {
      expect(x.data[2 * i + 1]).toBe(-x.data[2 * i]!);
      expect(label!.data[i]).toBe(x.data[2 * i]! % 3);
    }
  });

  it('has no labels without a source of them', () => {
    const data = finiteDataset({ itemShape: [], size: 2, classes: 0, write: () => {} });
    expect(data.batch(createRng(0), 0, 3)).toEqual({
      x: { data: new Float32Array(3), shape: [3] },
    });
  });

  it.each([
    [0, 0, /the batch size is 0.*at least 1/],
    [0, 1.5, /the batch size is 1.5/],
    [-1, 4, /the step is -1.*at least 0/],
    [Number.NaN, 4, /the step is NaN/],
  ])('refuses step %d with batch size %d', (step, batchSize, message) => {
    expect(() => counted(3).batch(createRng(0), step, batchSize)).toThrow(message);
  });

  it('refuses to hold nothing', () => {
    expect(() => counted(0)).toThrow(/there are no items/);
  });
});
