import { deflateSync } from 'node:zlib';
import { createRng } from '@tweedie/core';
import { encode } from 'fast-png';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../files.testing.js';
import { pictureDataset } from '../picture.js';
import { picture } from './picture-file.js';
import { parsePng } from './png.js';

const folder = temporaryFolder();
afterAll(folder.remove);

/** CRC-32 of PNG chunks. */
function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

function chunk(type: string, content: ArrayLike<number>): Buffer {
  const body = Buffer.concat([Buffer.from(type), Buffer.from(Array.from(content))]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG from bytes of rows without filter, and chunks before them. */
function png(
  [width, height]: readonly [number, number],
  [depth, colourType, interlace = 0]: readonly [number, number, number?],
  rows: readonly (readonly number[])[],
  before: readonly Buffer[] = [],
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlace], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...before,
    chunk('IDAT', deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])))),
    chunk('IEND', []),
  ]);
}

describe('parsePng', () => {
  it('reads grey and colour of 8 and 16 bits, with alpha', () => {
    for (const channels of [1, 2, 3, 4] as const) {
      for (const depth of [8, 16] as const) {
        const max = 2 ** depth - 1;
        const values = Array.from({ length: 6 * channels }, (_, i) => (i * 4099) % (max + 1));
        const data = depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
        const bytes = encode({ width: 3, height: 2, data, depth, channels });
        const found = parsePng(bytes, 'it');
        expect(found).toMatchObject({ width: 3, height: 2, channels, max });
        expect([...(found.data as Uint16Array)]).toEqual([...data]);
      }
    }
  });

  it('reads samples of 1, 2 and 4 bits, whose rows begin at bytes', () => {
    const one = parsePng(png([3, 2], [1, 0], [[0b10100000], [0b01000000]]), 'it');
    expect(one).toMatchObject({ channels: 1, max: 1 });
    expect([...(one.data as Uint16Array)]).toEqual([1, 0, 1, 0, 1, 0]);
    const two = parsePng(png([5, 1], [2, 0], [[0b00011011, 0b11000000]]), 'it');
    expect([...(two.data as Uint16Array)]).toEqual([0, 1, 2, 3, 3]);
    const four = parsePng(png([3, 1], [4, 0], [[0x0f, 0x70]]), 'it');
    expect([...(four.data as Uint16Array)]).toEqual([0, 15, 7]);
    expect(four.max).toBe(15);
  });

  it('reads palettes, with transparent entries', () => {
    const palette = chunk('PLTE', [0, 0, 0, 255, 255, 255, 10, 20, 30]);
    const clear = chunk('tRNS', [0, 128]);
    const plain = parsePng(png([4, 1], [2, 3], [[0b00011000]], [palette]), 'it');
    expect([...(plain.data as Uint8Array)]).toEqual([
      0, 0, 0, 255, 255, 255, 255, 255, 10, 20, 30, 255, 0, 0, 0, 255,
    ]);
    const eight = parsePng(png([3, 1], [8, 3], [[2, 0, 1]], [palette, clear]), 'it');
    expect([...(eight.data as Uint8Array)]).toEqual([
      10, 20, 30, 255, 0, 0, 0, 0, 255, 255, 255, 128,
    ]);
    const beyond = png([1, 1], [8, 3], [[3]], [palette]);
    expect(() => parsePng(beyond, 'it')).toThrow(/colour 3 is not in its palette/);
  });

  it('reads one transparent colour', () => {
    const grey = parsePng(png([3, 1], [8, 0], [[7, 0, 7]], [chunk('tRNS', [0, 7])]), 'it');
    expect(grey).toMatchObject({ channels: 2, max: 255 });
    expect([...(grey.data as Uint16Array)]).toEqual([7, 0, 0, 255, 7, 0]);
    const key = chunk('tRNS', [0, 1, 0, 2, 0, 3]);
    // Three pixels: the decoder refuses a colour key in smaller pictures.
    const rows = [[1, 2, 3, 1, 2, 4, 3, 2, 1]];
    const colour = parsePng(png([3, 1], [8, 2], rows, [key]), 'it');
    expect([...(colour.data as Uint16Array)]).toEqual([1, 2, 3, 0, 1, 2, 4, 255, 3, 2, 1, 255]);
  });

  it('ignores the suggested palette of a colour picture', () => {
    const bytes = png([1, 1], [8, 2], [[9, 8, 7]], [chunk('PLTE', [1, 1, 1])]);
    expect([...(parsePng(bytes, 'it').data as Uint16Array)]).toEqual([9, 8, 7]);
  });

  it('refuses what it would read wrongly', () => {
    expect(() => parsePng(png([1, 1], [1, 0, 1], [[0]]), 'it')).toThrow(
      /it is an interlaced PNG of 1 bits/,
    );
  });
});

describe('picture', () => {
  const data = Uint8Array.from([0, 255, 255, 0, 128, 255]);
  const path = folder.write('shape.png', encode({ width: 3, height: 2, data, channels: 1 }));

  it('is the dataset of the pixels', () => {
    const found = picture({ path, noise: 0.1 });
    expect(found).toMatchObject({ name: 'picture', itemShape: [2], classes: 0 });
    expect(found.config).toEqual({ path, ink: 'dark', threshold: 0, noise: 0.1 });
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
    const white = encode({ width: 1, height: 1, data: Uint8Array.of(255), channels: 1 });
    const blank = folder.write('blank.png', white);
    expect(() => picture({ path: blank }).size).toThrow(/blank.png' has no pixel with ink 'dark'/);
  });
});
