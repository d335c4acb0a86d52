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
/** A file of any header text over any data. */
function withHeader(header: string, { version = [1, 0], data = new ArrayBuffer(0) } = {}) {
  const text = Buffer.from(header, version[0] === 3 ? 'utf8' : 'latin1');
  const length = Buffer.alloc(version[0] === 1 ? 2 : 4);
  if (version[0] === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  const start = [0x93, ...Buffer.from('NUMPY'), ...version];
  return Buffer.concat([Buffer.from(start), length, text, Buffer.from(data)]);
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
    ['a stump', npyFile('<f4', '(2,)', two).subarray(0, 9), /does not begin like/],
    [
      'a stump with a length',
      npyFile('<f4', '(2,)', two).subarray(0, 11),
      /ends inside its header/,
    ],
    ['a header cut short', npyFile('<f4', '(2,)', two).subarray(0, 30), /ends inside its header/],
    ['data cut short', npyFile('<f4', '(3,)', two), /has \d+ bytes.*its shape \[3\]/],
    ['no shape', npyFile('<f4', '[2]', two), /a header without a shape/],
    ['complex numbers', npyFile('<c8', '(1,)', two), /numbers of another kind.*<c8.*f4, f8/],
    [
      'records',
      withHeader("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': ()}"),
      /another kind: records/,
    ],
    [
      'a whole number too large for int32',
      npyFile('<i8', '(1,)', BigInt64Array.from([2n ** 31n]).buffer),
      /the whole number 2147483648/,
    ],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => parseNpy(bytes, "'a.npy'")).toThrow(message);
  });

  it('reads Fortran order', () => {
    const data = Float32Array.from([1, 4, 2, 5, 3, 6]).buffer;
    const array = parseNpy(npyFile('<f4', '(2, 3)', data, { fortran: 'True' }));
    expect(array).toEqual({ data: Float32Array.from([1, 2, 3, 4, 5, 6]), shape: [2, 3] });
    const deep = Int32Array.from({ length: 24 }, (_, i) => i).buffer;
    // numpy.arange(24).reshape(4, 3, 2).T
    const { data: turned } = parseNpy(npyFile('<i4', '(2, 3, 4)', deep, { fortran: 'True' }));
    expect([...turned.slice(0, 8)]).toEqual([0, 6, 12, 18, 2, 8, 14, 20]);
  });

  it('takes every byte but zero for True', () => {
    expect([...parseNpy(npyFile('|b1', '(3,)', bytesOf(0, 2, 255))).data]).toEqual([0, 1, 1]);
  });

  const right = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}";
  // What NumPy 2.4.6 reads and refuses; run `reliability/differential/compare.py npy` for more.
  it.each([
    right,
    `  ${right}  \n`,
    `\n# a comment\n${right}`,
    `${right}# a comment`,
    "{'shape': (2, ), 'descr': '<f4', 'fortran_order': False, }",
    `{"descr": u'<f4', r'fortran_order': False, 'shape': (+2,)}`,
    "{'descr': '<' 'f4', 'fortran_order': (False), 'shape': ((0x2),)}",
    "{'descr':\t'\\x3cf4',\n\n'fortran_order'\\\n:False,'shape':(1_0,)}".replace('1_0', '0b1_0'),
    "{'descr': 3, 'fortran_order': False, 'shape': (2,), 'descr': '''<f4'''}",
    right.replace('2,', '2L,'),
    right.replace('<f4', 'float32'),
    right.replace('<f4', '=f'),
  ])('reads the header %j', (header) => {
    expect([...parseNpy(withHeader(header, { data: two })).data]).toEqual([1, 2]);
  });

  it.each([
    ['', /the end/],
    ['[]', /no dictionary/],
    ['{}', /the keys /],
    [right.replace("'descr'", "'Descr'"), /the keys Descr/],
    [right.replace('}', ", 'x': 1}"), /the keys descr, fortran_order, shape, x/],
    [right.replace('False', '0'), /'fortran_order' is no truth value/],
    [right.replace('False', 'false'), /no literal/],
    [right.replace('(2,)', '(2)'), /without a shape/],
    [right.replace('2,', '-2,'), /without a shape/],
    [right.replace('2,', '2.0,'), /a number that is not whole/],
    [right.replace('2,', '02,'), /a number that is not whole/],
    [right.replace('2,', 'True,'), /without a shape/],
    [right.replace('2,', '1+1,'), /no '\)'/],
    [right.replace("'<f4'", "b'<f4'"), /no literal/],
    [right.replace("'<f4'", "'<f4"), /no '}'|no literal|without end/],
    [`\n ${right}`, /an indentation/],
    [`${right}\0`, /a null character/],
    [`${right} x`, /something after the value/],
    [`${'('.repeat(20_000)}`.slice(0, 9000), /too many brackets/],
    [right.replace("'<f4'", `${'('.repeat(4000)}${')'.repeat(4000)}`), /too many brackets/],
  ])('refuses the header %j', (header, message) => {
    expect(() => parseNpy(withHeader(header, { data: two }))).toThrow(message);
    expect(() => parseNpy(withHeader(header, { data: two }))).toThrow(
      expect.objectContaining({ code: 'CORRUPT_FILE' }),
    );
  });

  it('knows the versions that NumPy knows', () => {
    for (const version of [
      [0, 0],
      [1, 1],
      [3, 1],
      [4, 0],
    ]) {
      expect(() => parseNpy(withHeader(right, { version, data: two }))).toThrow(
        `is of the NPY version ${version.join('.')}`,
      );
    }
    const long = { version: [3, 0], data: two };
    expect(() => parseNpy(withHeader(right.replace('2,', '2L,'), long))).toThrow(/not whole/);
    const latin = withHeader(`${right}# \u00e9`, { data: two });
    expect(parseNpy(latin).shape).toEqual([2]);
    // The same byte is no UTF-8.
    const utf8 = Buffer.concat([latin.subarray(0, 8), Buffer.alloc(2), latin.subarray(8)]);
    utf8.set([3, 0, latin[8]!, latin[9]!, 0, 0], 6);
    expect(() => parseNpy(utf8)).toThrow(/not what NumPy writes/);
  });

  it('reads huge and empty shapes without taking memory', () => {
    const claim = (shape: string) => withHeader(right.replace('(2,)', shape));
    const begin = process.cpuUsage();
    expect(() => parseNpy(claim('(1000000000000, 1000)'))).toThrow(/ bytes of its shape/);
    expect(() => parseNpy(claim(`(${'9007199254740991,'.repeat(30)})`))).toThrow(
      / bytes of its shape/,
    );
    expect(() => parseNpy(claim(`(${'1,'.repeat(65)})`))).toThrow(/65 axes.*at most 64.*'axes'/);
    expect(parseNpy(claim(`(${'9007199254740991,'.repeat(30)}0)`)).data).toHaveLength(0);
    expect(process.cpuUsage(begin).user).toBeLessThan(200e3);
  });

  it('limits its header as NumPy does', () => {
    const padded = right.padEnd(10_001);
    expect(() => parseNpy(withHeader(padded, { data: two }))).toThrow(/10001 bytes.*'npyHeader'/);
    const bytes = withHeader(padded, { data: two });
    expect(parseNpy(bytes, 'it', { npyHeader: 20_000 }).shape).toEqual([2]);
    expect(() => parseNpy(bytes, 'it', { npyHeader: Number.NaN })).toThrow(/the limit 'npyHeader'/);
    expect(() => parseNpy(bytes, 'it', { header: 1 } as never)).toThrow(/the limit 'header'/);
  });
});
