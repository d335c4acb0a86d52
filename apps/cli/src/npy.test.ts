import { floats, ints } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from './npy.js';

const headerOf = (bytes: Uint8Array) => {
  const length = bytes[8]! + 256 * bytes[9]!;
  return { length, text: new TextDecoder().decode(bytes.slice(10, 10 + length)) };
};

describe('encodeNpy', () => {
  it('writes magic, an aligned header and little-endian float32 rows', () => {
    const bytes = encodeNpy(floats([1, 2, 3, 4, 5, 6], [2, 3]));
    expect([...bytes.slice(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
    const { length, text } = headerOf(bytes);
    expect((10 + length) % 64).toBe(0);
    expect(text.trimEnd()).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
    const view = new DataView(bytes.buffer, 10 + length);
    expect([0, 4, 8, 12, 16, 20].map((at) => view.getFloat32(at, true))).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
  });

  it('writes one-dimensional shapes as tuples and int32 as such', () => {
    const { text } = headerOf(encodeNpy(ints([7, 8])));
    expect(text).toContain("'<i4'");
    expect(text).toContain('(2,)');
  });
});
