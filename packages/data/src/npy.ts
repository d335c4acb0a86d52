import { type HostArray, hostArray, sizeOf, TweedieError } from '@tweedie/core';

interface Kind {
  readonly bytes: number;
  readonly float: boolean;
  read(view: DataView, at: number, littleEndian: boolean): number;
}

/** Kinds of numbers by NumPy's type letters. */
const kinds: Readonly<Record<string, Kind>> = {
  f4: { bytes: 4, float: true, read: (v, at, little) => v.getFloat32(at, little) },
  f8: { bytes: 8, float: true, read: (v, at, little) => v.getFloat64(at, little) },
  b1: { bytes: 1, float: false, read: (v, at) => v.getUint8(at) },
  u1: { bytes: 1, float: false, read: (v, at) => v.getUint8(at) },
  u2: { bytes: 2, float: false, read: (v, at, little) => v.getUint16(at, little) },
  u4: { bytes: 4, float: false, read: (v, at, little) => v.getUint32(at, little) },
  u8: { bytes: 8, float: false, read: (v, at, little) => Number(v.getBigUint64(at, little)) },
  i1: { bytes: 1, float: false, read: (v, at) => v.getInt8(at) },
  i2: { bytes: 2, float: false, read: (v, at, little) => v.getInt16(at, little) },
  i4: { bytes: 4, float: false, read: (v, at, little) => v.getInt32(at, little) },
  i8: { bytes: 8, float: false, read: (v, at, little) => Number(v.getBigInt64(at, little)) },
};
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads a NumPy array file (`numpy.save`; format versions 1 to 3). Floats become float32, whole
 * numbers and booleans int32.
 *
 * @throws TweedieError CORRUPT_FILE when it is no such file, or shorter or longer than its header
 * says; UNSUPPORTED for other kinds of numbers and for Fortran order; INVALID_VALUE for a whole
 * number outside int32
 */
export function parseNpy(bytes: Uint8Array, source = 'the NPY data'): HostArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const corrupt = (given: string, allowed: string) =>
    new TweedieError({
      code: 'CORRUPT_FILE',
      package: 'data',
      given: `${source} ${given}`,
      allowed,
    });
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw corrupt('does not begin like an NPY file', "a file written by NumPy's save()");
  }
  const isLong = bytes[6]! > 1;
  const headerAt = isLong ? 12 : 10;
  const start = headerAt + (isLong ? view.getUint32(8, true) : view.getUint16(8, true));
  if (bytes.length < start) throw corrupt('ends inside its header', `${start} bytes of header`);
  const header = new TextDecoder().decode(bytes.subarray(headerAt, start));
  const descriptor = /'descr'\s*:\s*'([<>|=])([a-z]\d+)'/.exec(header);
  const kind = descriptor === null ? undefined : kinds[descriptor[2]!];
  if (descriptor === null || kind === undefined) {
    throw unsupported(
      `${source} holds numbers of another kind: ${header.trim()}`,
      Object.keys(kinds).join(', '),
      'convert it with array.astype(numpy.float32)',
    );
  }
  if (/'fortran_order'\s*:\s*True/.test(header)) {
    throw unsupported(
      `${source} is in Fortran order`,
      'C order',
      'save numpy.ascontiguousarray(array)',
    );
  }
  const extents = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header);
  if (extents === null) throw corrupt('has a header without a shape', "'shape': (…)");
  const shape = extents[1]!
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const length = sizeOf(shape);
  const expected = start + length * kind.bytes;
  if (bytes.length !== expected) {
    throw corrupt(
      `has ${bytes.length} bytes`,
      `the ${expected} bytes of its shape [${shape.join(', ')}]`,
    );
  }
  const little = descriptor[1] !== '>';
  const data = kind.float ? new Float32Array(length) : new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const value = kind.read(view, start + i * kind.bytes, little);
    data[i] = value;
    if (!kind.float && data[i] !== value) {
      throw new TweedieError({
        code: 'INVALID_VALUE',
        package: 'data',
        given: `${source} holds the whole number ${value}`,
        allowed: 'whole numbers −2147483648 to 2147483647',
        fix: 'convert it with array.astype(numpy.float32)',
      });
    }
  }
  return hostArray(data, shape);
}

function unsupported(given: string, allowed: string, fix: string): TweedieError {
  return new TweedieError({ code: 'UNSUPPORTED', package: 'data', given, allowed, fix });
}
