import { floats } from '@tweedie/core';
import { afterAll, describe, expect, it } from 'vitest';
import { csv } from './files/csv-file.js';
import { temporaryFolder } from './files.testing.js';
import { idxDataset } from './idx-dataset.js';
import { points } from './points.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const items = [
  [1, 2],
  [3, 4],
];

describe('labels that are no classes', () => {
  it.each([
    ['-1', -1],
    ['0.5', 0.5],
    ['3e9', 3e9],
    ['16777217', 16777216],
  ])('%s in the label column of a CSV file', (text, label) => {
    const path = folder.write('labels.csv', `x,y,class\n1,2,0\n3,4,${text}\n`);
    expect(() => csv({ path, label: 'class' }).classes).toThrow(
      `[data] the label of item 1 of ${path} is ${label}. Allowed: whole numbers from 0 to 16777215. Fix: number the classes 0, 1, 2 and so on.`,
    );
  });

  it.each([2, -1, 0.5, 3e9, Number.NaN])('%d of points of two classes', (label) => {
    expect(() => points(items, { labels: [0, label], classes: 2 })).toThrow(
      `the label of item 1 of points is ${label}, and the data set has 2 classes. Allowed: whole numbers from 0 to 1.`,
    );
  });

  it.each([3e9, -2e9])('%d in an IDX file', (label) => {
    const images = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
    const labels = { shape: [2], data: Float64Array.of(0, label) };
    expect(() => idxDataset(images, labels)).toThrow(`the label of item 1 of idx is ${label}`);
  });

  it.each([0, -1, 2.5, Number.NaN])('%d classes', (classes) => {
    expect(() => points(floats([1, 2], [2, 1]), { labels: [0, 0], classes })).toThrow(
      `points: the number of classes is ${classes}. Allowed: a whole number from 1 to 16777216.`,
    );
  });
});
