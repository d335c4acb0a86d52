import { join } from 'node:path';
import { createRng } from '@tweedie/core';
import { afterAll, describe, expect, it } from 'vitest';
import { idxBytes, temporaryFolder } from '../files.testing.js';
import { idx } from './idx-files.js';

const folder = temporaryFolder();
afterAll(folder.remove);
const pixels = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
const images = folder.write('images', idxBytes([3, 2, 2], pixels));
const packedImages = folder.write('images.gz', idxBytes([3, 2, 2], pixels));
const labels = folder.write('labels', idxBytes([3], [1, 0, 1]));
const packedLabels = folder.write('labels.gz', idxBytes([3], [1, 0, 1]));

describe('idx', () => {
  it('reads plain and compressed files alike', () => {
    const plain = idx({ images, labels });
    const packed = idx({ images: packedImages, labels: packedLabels });
    expect(plain).toMatchObject({ name: 'idx', itemShape: [2, 2, 1], size: 3, classes: 2 });
    expect(packed).toMatchObject({ itemShape: [2, 2, 1], size: 3, classes: 2 });
    const batch = plain.batch(createRng(1), 0, 3);
    expect(packed.batch(createRng(1), 0, 3)).toEqual(batch);
    expect(Math.max(...batch.x.data)).toBe(Math.fround(220 / 127.5 - 1));
    expect([...batch.label!.data].sort()).toEqual([0, 1, 1]);
  });

  it('is rebuilt by its config, which is JSON', () => {
    const data = idx({ images, labels, only: [1], limit: 1 });
    expect(data.size).toBe(1);
    const again = idx(JSON.parse(JSON.stringify(data.config)));
    expect(again.config).toEqual(data.config);
    expect(again.batch(createRng(1), 0, 2)).toEqual(data.batch(createRng(1), 0, 2));
  });

  it('needs no labels', () => {
    const data = idx({ images });
    expect(data.classes).toBe(0);
    expect(data.batch(createRng(1), 0, 1).label).toBeUndefined();
  });

  it('says at once that a file is not there', () => {
    const missing = join(folder.path, 'nowhere');
    expect(() => idx({ images: missing })).toThrow(/there is no file '.*nowhere'/);
    expect(() => idx({ images, labels: missing })).toThrow(/there is no file '.*nowhere'/);
    expect(() => idx()).toThrow(/no file is named.*data\.path/);
  });

  it('names the file that is torn', () => {
    const torn = folder.write('torn', idxBytes([3, 2, 2], pixels).subarray(0, 20));
    expect(() => idx({ images: torn }).size).toThrow(/torn' has 20 bytes.*the 28 bytes/);
    const tornArchive = folder.write('torn-archive', Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0]));
    expect(() => idx({ images: tornArchive }).size).toThrow(/torn-archive' is gzip-compressed/);
    expect(() => idx({ images: folder.path }).size).toThrow(/cannot be read/);
  });
});
