import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import type { IdxArray } from './idx.js';
import { idxDataset } from './idx-dataset.js';

/** Eight images of 1 × 2 whose first byte is their number; their labels are 0 1 2 0 1 2 0 1. */
const images: IdxArray = {
  shape: [8, 1, 2],
  data: Uint8Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? i / 2 : 255)),
};
const labels: IdxArray = { shape: [8], data: Uint8Array.from([0, 1, 2, 0, 1, 2, 0, 1]) };

/** The images' numbers in a whole epoch, in order. */
function numbersOf(data: ReturnType<typeof idxDataset>): number[] {
  const { x } = data.batch(createRng(0), 0, data.size);
  return [...x.data]
    .filter((_, i) => i % 2 === 0)
    .map((value) => Math.round((value + 1) * 127.5))
    .sort((a, b) => a - b);
}

describe('idxDataset', () => {
  it('scales bytes to −1 … 1 and gives images a channel', () => {
    const data = idxDataset(
      { shape: [1, 1, 3], data: Uint8Array.from([0, 51, 255]) },
      { shape: [1], data: Uint8Array.from([4]) },
    );
    expect(data.itemShape).toEqual([1, 3, 1]);
    expect(data.size).toBe(1);
    expect(data.classes).toBe(5);
    expect(data.config).toEqual({ items: 1, itemShape: [1, 3, 1], classes: 5 });
    const { x, label } = data.batch(createRng(0), 0, 1);
    expect(x.shape).toEqual([1, 1, 3, 1]);
    expect([...x.data]).toEqual([-1, Math.fround(-0.6), 1]);
    expect([...label!.data]).toEqual([4]);
  });

  it('takes rows, images with channels and other numbers as they are', () => {
    const rows = idxDataset({ shape: [1, 2], data: Float32Array.from([0.5, 300]) });
    expect(rows.itemShape).toEqual([2]);
    expect([...rows.batch(createRng(0), 0, 1).x.data]).toEqual([0.5, 300]);
    expect(rows.classes).toBe(0);
    expect(rows.batch(createRng(0), 0, 1).label).toBeUndefined();
    const coloured = idxDataset({ shape: [1, 1, 1, 3], data: Int16Array.from([-1, 0, 1]) });
    expect(coloured.itemShape).toEqual([1, 1, 3]);
    expect([...coloured.batch(createRng(0), 0, 1).x.data]).toEqual([-1, 0, 1]);
  });

  it('keeps chosen labels, as they are, and the first of them', () => {
    const all = idxDataset(images, labels);
    expect(numbersOf(all)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const some = idxDataset(images, labels, { only: [1, 2] });
    expect(numbersOf(some)).toEqual([1, 2, 4, 5, 7]);
    expect(some.classes).toBe(3);
    const { label } = some.batch(createRng(0), 0, 5);
    expect([...label!.data].sort()).toEqual([1, 1, 1, 2, 2]);
    expect(numbersOf(idxDataset(images, labels, { only: [1, 2], limit: 3 }))).toEqual([1, 2, 4]);
    expect(numbersOf(idxDataset(images, undefined, { limit: 2 }))).toEqual([0, 1]);
    expect(idxDataset(images, labels, { limit: 100 }).size).toBe(8);
  });

  it('has as many classes as the options say', () => {
    expect(idxDataset(images, labels, { classes: 10 }).classes).toBe(10);
    expect(() => idxDataset(images, labels, { classes: 2 })).toThrow(
      /the label of item 2 of idx is 2, and the data set has 2 classes.*0 to 1/,
    );
  });

  it.each([
    ['fewer labels than images', { shape: [7], data: new Uint8Array(7) }, /8 items and 7 labels/],
    [
      'labels of two axes',
      { shape: [4, 2], data: new Uint8Array(8) },
      /labels have the shape \[4, 2\]/,
    ],
    ['labels below 0', { shape: [8], data: new Int8Array(8).fill(-1) }, /item 0 of idx is -1/],
    ['labels between', { shape: [8], data: new Float32Array(8).fill(0.5) }, /item 0 of idx is 0.5/],
  ])('refuses %s', (_name, wrong, message) => {
    expect(() => idxDataset(images, wrong)).toThrow(message);
  });

  it('refuses NaN and infinities, naming the item', () => {
    const data = Float32Array.from([0, 0, 0, Number.NaN]);
    expect(() => idxDataset({ shape: [2, 2], data }, undefined, { name: 'mine' })).toThrow(
      /item 1 of mine holds NaN/,
    );
    const large = Float64Array.from([1e300]);
    expect(() => idxDataset({ shape: [1, 1], data: large })).toThrow(/item 0 of idx holds 1e\+300/);
  });

  it('refuses to be left with nothing', () => {
    expect(() => idxDataset(images, labels, { only: [9] })).toThrow(/of 8 items none is left/);
    expect(() => idxDataset({ shape: [0, 1], data: new Uint8Array(0) })).toThrow(/of 0 items none/);
  });

  it('refuses a choice of labels without labels, and numbers that are no items', () => {
    expect(() => idxDataset(images, undefined, { only: [1] })).toThrow(/there are no labels/);
    expect(() => idxDataset(labels)).toThrow(/the shape \[8\].*at least two axes/);
  });
});
