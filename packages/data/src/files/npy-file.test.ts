import { createRng } from '@tweedie/core';
import { afterAll, describe, expect, it } from 'vitest';
import { npyBytes, temporaryFolder } from '../files.testing.js';
import { npy } from './npy-file.js';

const folder = temporaryFolder();
afterAll(folder.remove);

const write = (name: string, descriptor: string, shape: readonly number[], data: ArrayBuffer) =>
  folder.write(name, npyBytes(descriptor, shape, data));
const items = write('items.npy', '<f4', [2, 1, 2], Float32Array.from([1, 2, 3, 4]).buffer);
const labels = write('labels.npy', '<i8', [2], BigInt64Array.from([1n, 0n]).buffer);

describe('npy', () => {
  it('makes the first axis count items', () => {
    expect(npy({ path: items })).toMatchObject({
      name: 'npy',
      itemShape: [1, 2],
      size: 2,
      classes: 0,
    });
  });

  it('takes labels from a second file', () => {
    const data = npy({ path: items, labels });
    expect(data.classes).toBe(2);
    const { x, label } = data.batch(createRng(0), 0, 2);
    for (let i = 0; i < 2; i++) expect(x.data[2 * i]).toBe(label!.data[i] === 1 ? 1 : 3);
  });

  it('names what is wrong', () => {
    const nan = write('nan.npy', '<f4', [2, 1], Float32Array.from([0, Number.NaN]).buffer);
    expect(() => npy({ path: nan }).size).toThrow(/nan.npy: row 1, column 0 is NaN/);
    expect(() => npy({ path: items, labels: items }).size).toThrow(
      /the shape \[2, 1, 2\].*one axis/,
    );
    expect(() => npy({ path: labels }).size).toThrow(/the shape \[2\]/);
    expect(() => npy({ path: items, labels: 'nowhere' })).toThrow(/there is no file 'nowhere'/);
  });
});
