import { TweedieError } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { idxBytes } from './files.testing.js';
import { parseIdx } from './idx.js';
import { idxDataset } from './idx-dataset.js';

/** A file of one axis from raw big-endian bytes. */
const file = (kind: number, length: number, bytes: readonly number[]) =>
  Uint8Array.from([0, 0, kind, 1, 0, 0, 0, length, ...bytes]);

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return TweedieError.isInstance(error) ? error.code : undefined;
  }
  return undefined;
}

describe('parseIdx', () => {
  it('reads unsigned bytes as a view of the file', () => {
    const bytes = idxBytes([2, 1, 3], [0, 1, 2, 253, 254, 255]);
    const { shape, data } = parseIdx(bytes);
    expect(shape).toEqual([2, 1, 3]);
    expect([...data]).toEqual([0, 1, 2, 253, 254, 255]);
    expect(data.buffer).toBe(bytes.buffer);
  });

  it('reads a file that lies inside a larger buffer', () => {
    const bytes = idxBytes([3], [7, 8, 9]);
    const larger = new Uint8Array(bytes.length + 5);
    larger.set(bytes, 5);
    expect([...parseIdx(larger.subarray(5)).data]).toEqual([7, 8, 9]);
  });

  it.each([
    ['int8', 0x09, [0xff, 0x7f], [-1, 127]],
    ['int16', 0x0b, [0xff, 0xfe, 0x01, 0x00], [-2, 256]],
    ['int32', 0x0c, [0xff, 0xff, 0xff, 0xfd, 0, 1, 0, 0], [-3, 65536]],
    ['float32', 0x0d, [0x3f, 0xc0, 0, 0, 0xc0, 0x20, 0, 0], [1.5, -2.5]],
    ['float64', 0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0x04, 0, 0, 0, 0, 0, 0], [1.5, -2.5]],
  ])('reads big-endian %s', (_name, kind, bytes, values) => {
    expect([...parseIdx(file(kind, 2, bytes)).data]).toEqual(values);
  });

  it.each([
    [
      'another magic',
      Uint8Array.from([0x1f, 0x8b, 8, 0, 1]),
      /begins with the bytes '1f 8b 08 00'/,
    ],
    ['an empty file', new Uint8Array(0), /begins with the bytes ''/],
    [
      'a header cut short',
      file(0x08, 2, []).subarray(0, 6),
      /ends after 6 bytes, inside its header/,
    ],
    ['data cut short', file(0x08, 3, [1, 2]), /has 10 bytes.*the 11 bytes of its shape \[3\]/],
    ['too much data', file(0x08, 1, [1, 2]), /has 10 bytes.*the 9 bytes/],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => parseIdx(bytes, "'a.idx'")).toThrow(message);
    expect(() => parseIdx(bytes, "'a.idx'")).toThrow(/'a.idx'/);
    expect(codeOf(() => parseIdx(bytes))).toBe('CORRUPT_FILE');
  });

  it('refuses an unknown kind of numbers', () => {
    expect(() => parseIdx(file(0x0a, 1, [1]))).toThrow(/the kind 0x0a.*0x08, 0x09, 0x0b/);
    expect(codeOf(() => parseIdx(file(0x0a, 1, [1])))).toBe('UNSUPPORTED');
  });

  it('reads huge and empty shapes without taking memory', () => {
    const claim = (...extents: readonly number[]) => idxBytes(extents, []);
    const begin = process.cpuUsage();
    expect(() => parseIdx(claim(2 ** 32 - 1, 2 ** 32 - 1, 28))).toThrow(/ bytes of its shape/);
    expect(() => parseIdx(claim(...Array(64).fill(2 ** 32 - 1)))).toThrow(/ bytes of its shape/);
    expect(() => parseIdx(claim(...Array(65).fill(1)))).toThrow(/65 axes.*at most 64/);
    expect(parseIdx(idxBytes(Array(65).fill(1), [7]), 'it', { axes: 65 }).data[0]).toBe(7);
    const empty = parseIdx(claim(2 ** 32 - 1, 0));
    expect(empty.data).toHaveLength(0);
    expect(() => idxDataset(empty)).toThrow(/an item has the shape \[0\], which holds no number/);
    expect(() => idxDataset(parseIdx(claim(0, 28)))).toThrow(/of 0 items none is left/);
    expect(process.cpuUsage(begin).user).toBeLessThan(200e3);
  });
});
