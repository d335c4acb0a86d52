import { createRng } from '@tweedie/core';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../files.testing.js';
import { csv } from './csv-file.js';

const folder = temporaryFolder();
afterAll(folder.remove);
const path = folder.write('named.csv', 'x,kind,y\n1,0,2\n3,2,4\n');

describe('csv', () => {
  it('makes each row an item', () => {
    const data = csv({ path });
    expect(data).toMatchObject({ name: 'csv', itemShape: [3], size: 2, classes: 0 });
    expect([...data.batch(createRng(0), 0, 2).x.data].sort()).toEqual([0, 1, 2, 2, 3, 4]);
  });

  it('takes a column as labels', () => {
    const data = csv({ path, label: 'kind' });
    expect(data).toMatchObject({ itemShape: [2], size: 2, classes: 3 });
    const { x, label } = data.batch(createRng(0), 0, 2);
    const rows = [0, 1].map((i) => [label!.data[i], x.data[2 * i], x.data[2 * i + 1]]);
    expect(rows.sort()).toEqual([
      [0, 1, 2],
      [2, 3, 4],
    ]);
  });

  it('reads compressed files', () => {
    expect(csv({ path: folder.write('packed.csv.gz', '1,2\n3,4') }).size).toBe(2);
  });

  it('names what is wrong', () => {
    const plain = folder.write('plain.csv', '1,2');
    const bad = folder.write('bad.csv', '1,2\n3,NaN');
    expect(() => csv({ path, label: 'z' }).size).toThrow(/no column 'z'.*x, kind, y/);
    expect(() => csv({ path: plain, label: 'z' }).size).toThrow(/no column 'z'.*names the columns/);
    expect(() => csv({ path: bad }).size).toThrow(/bad.csv' has 'NaN' in line 2/);
    expect(() => csv({ path: `${path}.not` })).toThrow(/there is no file/);
  });
});
