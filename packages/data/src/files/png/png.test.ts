import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { parsePng } from './png.js';
import { chunk, png } from './png.testing.js';

/** A quarter of a megabyte that unpacks to 256. */
const bomb = deflateSync(new Uint8Array(2 ** 28));

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
    const rows = [[1, 2, 3, 1, 2, 4, 3, 2, 1]];
    const colour = parsePng(png([3, 1], [8, 2], rows, [key]), 'it');
    expect([...(colour.data as Uint16Array)]).toEqual([1, 2, 3, 0, 1, 2, 4, 255, 3, 2, 1, 255]);
  });

  it('ignores the suggested palette of a colour picture', () => {
    const bytes = png([1, 1], [8, 2], [[9, 8, 7]], [chunk('PLTE', [1, 1, 1])]);
    expect([...(parsePng(bytes, 'it').data as Uint16Array)]).toEqual([9, 8, 7]);
  });

  // Pixels in the order of Adam7, each pass with its own rows: Pillow 13.0.0 and libpng 1.6.55 read the
  // same from these bytes.
  it('reads interlaced pictures of any depth', () => {
    const grey = parsePng(png([3, 3], [8, 0, 1], [[1], [2], [3, 4], [5], [6], [7, 8, 9]]));
    expect([...(grey.data as Uint8Array)]).toEqual([1, 5, 2, 7, 8, 9, 3, 6, 4]);
    // The first pass has two of the nine pixels, the second one, the fourth two, the sixth four.
    const rows = [[0b10000000], [0b00000000], [0b10100000], [0b11110000]];
    const bits = parsePng(png([9, 1], [1, 0, 1], rows));
    expect([...(bits.data as Uint8Array)]).toEqual([1, 1, 1, 1, 0, 1, 0, 1, 0]);
  });

  it('undoes each filter', () => {
    // Rows of 1 2 3 and 4 6 9, the second one filtered as its first byte says.
    const filtered = [
      [0, 4, 6, 9],
      [1, 4, 2, 3],
      [2, 3, 4, 6],
      [3, 4, 3, 5],
      [4, 3, 2, 3],
    ];
    for (const row of filtered) {
      const data = deflateSync(Buffer.from([0, 1, 2, 3, ...row]));
      const bytes = png([3, 2], [8, 0], [], [chunk('IDAT', data)], [chunk('IEND', [])], false);
      expect([...(parsePng(bytes).data as Uint8Array)]).toEqual([1, 2, 3, 4, 6, 9]);
    }
    const unknown = deflateSync(Buffer.from([5, 1]));
    const bytes = png([1, 1], [8, 0], [], [chunk('IDAT', unknown)], [chunk('IEND', [])], false);
    expect(() => parsePng(bytes)).toThrow(/a row has the filter 5/);
  });

  it('joins image data of several chunks, also empty ones', () => {
    const data = deflateSync(Buffer.from([0, 7, 8]));
    const parts = [data.subarray(0, 3), data.subarray(3, 3), data.subarray(3)];
    const chunks = parts.map((part) => chunk('IDAT', part));
    const bytes = png([2, 1], [8, 0], [], chunks, [chunk('IEND', [])], false);
    expect([...(parsePng(bytes).data as Uint8Array)]).toEqual([7, 8]);
    const torn = png(
      [2, 1],
      [8, 0],
      [],
      [chunks[0]!, chunk('tIME', []), chunks[2]!],
      undefined,
      false,
    );
    expect(() => parsePng(torn)).toThrow(/its image data is interrupted/);
  });

  it('refuses a truncated PNG wherever it is cut', () => {
    const whole = png(
      [4, 3],
      [8, 0],
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [9, 10, 11, 12],
      ],
    );
    for (let length = 0; length < whole.length; length++) {
      expect(() => parsePng(whole.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'CORRUPT_FILE' }),
      );
    }
    expect(parsePng(whole).width).toBe(4);
    expect(parsePng(Buffer.concat([whole, Buffer.from('more')])).width).toBe(4);
  });

  it('refuses missing pixels, which are no ink, and pixels too many', () => {
    const row = [1, 2, 3];
    expect(() => parsePng(png([3, 2], [8, 0], [row]))).toThrow(/cut short: it has not the 8 bytes/);
    expect(() => parsePng(png([3, 1], [8, 0], [row, row]))).toThrow(/more than the 4 bytes/);
    expect(() => parsePng(png([3, 1], [8, 0], []))).toThrow(/cut short/);
    expect(() => parsePng(png([3, 1], [8, 0], [], [], undefined, false))).toThrow(/no image data/);
  });

  it('refuses a bit that changed anywhere', () => {
    const whole = png(
      [2, 2],
      [8, 3],
      [
        [0, 1],
        [1, 0],
      ],
      [chunk('PLTE', [1, 2, 3, 4, 5, 6])],
    );
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const changed = Uint8Array.from(whole);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => parsePng(changed), `bit ${bit}`).toThrow(/cannot be read as a PNG/);
    }
  });

  it('refuses an enormous PNG before it takes memory', () => {
    const before = process.memoryUsage().arrayBuffers;
    const claim = (width: number, height: number) => png([width, height], [16, 6], [[0]]);
    expect(() => parsePng(claim(100_000, 100_000))).toThrow(/100000 × 100000 pixels.*'pixels'/);
    expect(() => parsePng(claim(2 ** 31 - 1, 2 ** 31 - 1))).toThrow(/at most 16777216/);
    expect(() => parsePng(claim(2 ** 31, 1))).toThrow(/it claims 2147483648 × 1/);
    expect(() => parsePng(claim(0, 7))).toThrow(/it claims 0 × 7/);
    // Within the limit, and without the data.
    expect(() => parsePng(claim(4096, 4096))).toThrow(/cut short/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
    const limits = { pixels: 2 };
    expect(() => parsePng(png([3, 1], [8, 0], [[1, 2, 3]]), 'it', limits)).toThrow(/at most 2/);
  });

  it('stops an inflating bomb at the size of the picture', () => {
    const bytes = png([4, 4], [8, 0], [], [chunk('IDAT', bomb)], undefined, false);
    const begin = process.cpuUsage();
    expect(() => parsePng(bytes)).toThrow(/more than the 20 bytes of its size/);
    // To unpack it all takes about a second.
    expect(process.cpuUsage(begin).user).toBeLessThan(200e3);
  });

  it.each(['iCCP', 'zTXt'])('does not unpack a bomb in %s', (type) => {
    const content = Buffer.concat([Buffer.from('name\0\0'), bomb]);
    const bytes = png([1, 1], [8, 0], [[7]], [chunk(type, content)]);
    const begin = process.cpuUsage();
    expect([...(parsePng(bytes).data as Uint8Array)]).toEqual([7]);
    expect(process.cpuUsage(begin).user).toBeLessThan(200e3);
  });

  it('passes over what does not fit beside the pixels, as libpng does', () => {
    const read = (before: readonly Buffer[], after?: readonly Buffer[]) =>
      parsePng(png([1, 1], [8, 0], [[7]], before, after)).channels;
    expect(read([chunk('tRNS', [0, 7])])).toBe(2);
    expect(read([chunk('tRNS', [7])])).toBe(1);
    expect(read([], [chunk('tRNS', [0, 7]), chunk('IEND', [])])).toBe(1);
    // Of 16 bits a sample, those that the picture has.
    const masked = parsePng(png([1, 1], [8, 0], [[7]], [chunk('tRNS', [9, 7])]));
    expect([...(masked.data as Uint8Array)]).toEqual([7, 0]);
  });

  it.each([
    ['no header', [chunk('gAMA', [])], /it has no header/],
    ['an unknown critical chunk', [chunk('ABCD', [])], /chunk 'ABCD' out of place or unknown/],
    ['a second header', [chunk('IHDR', [])], /chunk 'IHDR' out of place/],
    ['two palettes', [chunk('PLTE', [1, 2, 3]), chunk('PLTE', [1, 2, 3])], /two palettes/],
    ['what is no chunk', [chunk('a1b!', [])], /begins no chunk/],
  ])('refuses %s', (name, before, message) => {
    const bytes = png([1, 1], [8, 0], [[7]], before);
    const given =
      name === 'no header' ? Buffer.concat([bytes.subarray(0, 8), bytes.subarray(33)]) : bytes;
    expect(() => parsePng(given)).toThrow(message);
  });

  it.each([
    [[3, 0], /3 bits of the colour type 0/],
    [[8, 1], /8 bits of the colour type 1/],
    [[16, 3], /16 bits of the colour type 3/],
    [[8, 0, 2], /interlace 2 are unknown/],
  ] as const)('refuses the format %j', (format, message) => {
    expect(() => parsePng(png([1, 1], format, [[7]]))).toThrow(message);
  });

  it('refuses an indexed picture without a palette or with a bad one', () => {
    const read = (before: readonly Buffer[]) => () => parsePng(png([1, 1], [8, 3], [[0]], before));
    expect(read([])).toThrow(/it has no palette/);
    expect(read([chunk('PLTE', [])])).toThrow(/its palette has 0 bytes/);
    expect(read([chunk('PLTE', [1, 2])])).toThrow(/its palette has 2 bytes/);
    const colour = png([1, 1], [8, 2], [[1, 2, 3]], [chunk('PLTE', [])]);
    expect(() => parsePng(colour)).toThrow(/its palette has 0 bytes/);
    expect(read([chunk('PLTE', new Uint8Array(771))])).toThrow(/its palette has 771 bytes/);
  });
});
