import { describe, expect, it } from 'vitest';
import { parseNpy } from './npy.js';

/** A file as NumPy writes it. */
function npyFile(
  descriptor: string,
  shape: string,
  data: ArrayBuffer,
  { version = 1, fortran = 'False' } = {},
): Uint8Array {
  const header = `{'descr': '${descriptor}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const start = version === 1 ? 10 : 12;
  const padded = `${header.padEnd(Math.ceil((start + header.length + 1) / 64) * 64 - start - 1)}\n`;
  const bytes = new Uint8Array(start + padded.length + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), start);
  bytes.set(new Uint8Array(data), start + padded.length);
  return bytes;
}
const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes).buffer;

describe('parseNpy', () => {
  it.each([1, 2, 3])('reads format version %d', (version) => {
    const data = Float32Array.from([1, 2, 3, 4, 5, 6]).buffer;
    const array = parseNpy(npyFile('<f4', '(3, 2)', data, { version }));
    expect(array.shape).toEqual([3, 2]);
    expect(array.data).toEqual(Float32Array.from([1, 2, 3, 4, 5, 6]));
  });

  it.each([
    ['<f8', Float64Array.from([0.1, -2]).buffer, Float32Array.from([0.1, -2])],
    ['>f4', bytesOf(0x3f, 0xc0, 0, 0, 0xc0, 0x20, 0, 0), Float32Array.from([1.5, -2.5])],
    ['|b1', bytesOf(0, 1), Int32Array.from([0, 1])],
    ['|u1', bytesOf(0, 255), Int32Array.from([0, 255])],
    ['|i1', bytesOf(0, 255), Int32Array.from([0, -1])],
    ['<u2', bytesOf(1, 0, 0xff, 0xff), Int32Array.from([1, 65535])],
    ['<i2', bytesOf(1, 0, 0xff, 0xff), Int32Array.from([1, -1])],
    ['<u4', Uint32Array.from([1, 7]).buffer, Int32Array.from([1, 7])],
    ['<i4', Int32Array.from([1, -7]).buffer, Int32Array.from([1, -7])],
    ['<u8', BigUint64Array.from([1n, 7n]).buffer, Int32Array.from([1, 7])],
    ['<i8', BigInt64Array.from([1n, -7n]).buffer, Int32Array.from([1, -7])],
    ['>i2', bytesOf(0, 1, 0xff, 0xff), Int32Array.from([1, -1])],
  ])('reads %s', (descriptor, data, expected) => {
    expect(parseNpy(npyFile(descriptor, '(2,)', data))).toEqual({ data: expected, shape: [2] });
  });

  it('reads a single number', () => {
    expect(parseNpy(npyFile('<f4', '()', Float32Array.from([3]).buffer))).toEqual({
      data: Float32Array.from([3]),
      shape: [],
    });
  });

  const two = Float32Array.from([1, 2]).buffer;
  it.each([
    ['another file', new Uint8Array(20), /'a.npy' does not begin like an NPY file/],
    ['a stump', npyFile('<f4', '(2,)', two).subarray(0, 11), /does not begin like/],
    ['a header cut short', npyFile('<f4', '(2,)', two).subarray(0, 30), /ends inside its header/],
    ['data cut short', npyFile('<f4', '(3,)', two), /has \d+ bytes.*its shape \[3\]/],
    ['no shape', npyFile('<f4', '[2]', two), /a header without a shape/],
    ['complex numbers', npyFile('<c8', '(1,)', two), /numbers of another kind.*<c8.*f4, f8/],
    ['records', npyFile("[('x'", '(1,)', two), /numbers of another kind/],
    [
      'Fortran order',
      npyFile('<f4', '(2,)', two, { fortran: 'True' }),
      /in Fortran order.*ascontig/,
    ],
    [
      'a whole number too large for int32',
      npyFile('<i8', '(1,)', BigInt64Array.from([2n ** 31n]).buffer),
      /the whole number 2147483648/,
    ],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => parseNpy(bytes, "'a.npy'")).toThrow(message);
  });
});
