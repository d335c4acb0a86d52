import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRng } from '@tweedie/core';
import { afterAll, describe, expect, it } from 'vitest';
import { idxBytes, temporaryFolder } from '../files.testing.js';
import { fashionMnist } from './fashion-mnist.js';

const folder = temporaryFolder();
afterAll(folder.remove);
for (const [prefix, count] of [
  ['train', 4],
  ['t10k', 2],
] as const) {
  const pixels = Uint8Array.from({ length: count * 784 }, (_, i) => Math.floor(i / 784));
  folder.write(`${prefix}-images-idx3-ubyte.gz`, idxBytes([count, 28, 28], pixels));
  folder.write(`${prefix}-labels-idx1-ubyte.gz`, idxBytes([count], [9, 0, 9, 3].slice(0, count)));
}

describe('fashionMnist', () => {
  it('reads the split that is asked for from its folder', () => {
    const train = fashionMnist({ folder: folder.path });
    expect(train).toMatchObject({
      name: 'fashion-mnist',
      itemShape: [28, 28, 1],
      size: 4,
      classes: 10,
    });
    expect(fashionMnist({ folder: folder.path, split: 'test' }).size).toBe(2);
    const some = fashionMnist({ folder: folder.path, only: [9] });
    expect([...some.batch(createRng(0), 0, 2).label!.data]).toEqual([9, 9]);
    expect(fashionMnist({ folder: folder.path, limit: 3 }).size).toBe(3);
  });

  it('says how to get it where it is not', () => {
    expect(() => fashionMnist({ folder: join(folder.path, 'nowhere') })).toThrow(
      /there is no file '.*train-images-idx3-ubyte.gz'.*apt-get install dataset-fashion-mnist/,
    );
  });

  it("looks in Debian's folder by default", () => {
    const make = () => fashionMnist({ split: 'test' });
    if (existsSync('/usr/share/datasets/fashion-mnist')) {
      const data = make();
      expect(data.size).toBe(10_000);
      const { label } = data.batch(createRng(0), 0, 10_000);
      const counts = new Array<number>(10).fill(0);
      for (const value of label!.data) counts[value]! += 1;
      expect(counts).toEqual(new Array(10).fill(1000));
    } else {
      expect(make).toThrow(/\/usr\/share\/datasets\/fashion-mnist\/t10k-images/);
    }
  });
});
