import { createRng } from '@tweedie/core';
import { encode } from 'fast-png';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../files.testing.js';
import { pictureDataset } from '../picture.js';
import { picture } from './picture-file.js';
import { png } from './png/png.testing.js';

const folder = temporaryFolder();
afterAll(folder.remove);

describe('picture', () => {
  const data = Uint8Array.from([0, 255, 255, 0, 128, 255]);
  const path = folder.write('shape.png', encode({ width: 3, height: 2, data, channels: 1 }));

  it('is the dataset of the pixels', () => {
    const found = picture({ path, noise: 0.1 });
    expect(found).toMatchObject({ name: 'picture', itemShape: [2], classes: 0 });
    expect(found.config).toEqual({
      path,
      ink: 'dark',
      threshold: 0,
      noise: 0.1,
      maxPixels: 2 ** 24,
    });
    const pixels = { width: 3, height: 2, data, channels: 1 } as const;
    const direct = pictureDataset(pixels, { noise: 0.1 });
    expect(found.batch(createRng(1), 2, 16)).toEqual(direct.batch(createRng(1), 2, 16));
  });

  it('is rebuilt by its config, which is JSON', () => {
    const found = picture({ path, ink: 'light', threshold: 0.6 });
    const again = picture(JSON.parse(JSON.stringify(found.config)));
    expect(again.batch(createRng(1), 0, 8)).toEqual(found.batch(createRng(1), 0, 8));
  });

  it('names what is wrong', () => {
    expect(() => picture({ path: 'nowhere.png' })).toThrow(/there is no file 'nowhere.png'/);
    const other = folder.write('text.png', 'no picture at all');
    expect(() => picture({ path: other }).size).toThrow(/text.png' cannot be read as a PNG/);
    const whole = encode({ width: 3, height: 2, data, channels: 1 });
    const torn = folder.write('torn.png', whole.subarray(0, whole.length - 20));
    expect(() => picture({ path: torn }).size).toThrow(/torn.png' cannot be read as a PNG/);
    const flipped = Uint8Array.from(whole);
    flipped[45]! ^= 1;
    expect(() => picture({ path: folder.write('flipped.png', flipped) }).size).toThrow(
      /flipped.png' cannot be read as a PNG/,
    );
    const huge = folder.write('huge.png', png([100_000, 100_000], [8, 0], [[0]]));
    expect(() => picture({ path: huge }).size).toThrow(/huge.png' is a PNG of 100000 × 100000/);
    expect(() => picture({ path, maxPixels: 5 }).size).toThrow(/3 × 2 pixels.*at most 5/);
    expect(picture({ path, maxPixels: 6 }).itemShape).toEqual([2]);
    const white = encode({ width: 1, height: 1, data: Uint8Array.of(255), channels: 1 });
    const blank = folder.write('blank.png', white);
    expect(() => picture({ path: blank }).size).toThrow(/blank.png' has no pixel with ink 'dark'/);
  });
});
