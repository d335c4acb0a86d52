import { sizeOf, TweedieError } from '@tweedie/core';
import { checkLimit, type DataLimits, withLimits } from './limits.js';

export type IdxData =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** The content of an IDX file, row-major. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: IdxData;
}

interface Kind {
  readonly bytes: number;
  create(length: number): IdxData;
  read(view: DataView, at: number): number;
}

/** Kinds of numbers by the third byte of the file. */
const kinds: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [0x08, { bytes: 1, create: (n) => new Uint8Array(n), read: (v, at) => v.getUint8(at) }],
  [0x09, { bytes: 1, create: (n) => new Int8Array(n), read: (v, at) => v.getInt8(at) }],
  [0x0b, { bytes: 2, create: (n) => new Int16Array(n), read: (v, at) => v.getInt16(at) }],
  [0x0c, { bytes: 4, create: (n) => new Int32Array(n), read: (v, at) => v.getInt32(at) }],
  [0x0d, { bytes: 4, create: (n) => new Float32Array(n), read: (v, at) => v.getFloat32(at) }],
  [0x0e, { bytes: 8, create: (n) => new Float64Array(n), read: (v, at) => v.getFloat64(at) }],
]);
const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file, the format of MNIST: two zero bytes, the kind of numbers, the number of axes,
 * their extents, then the numbers, all big-endian (LeCun, Cortes & Burges, "The MNIST database").
 * Unsigned bytes are a view of `bytes`, not a copy.
 *
 * @param bytes the whole file, uncompressed
 * @param source what the bytes are, for error messages
 * @param limits of `axes`, where they differ from `dataLimits`
 * @throws TweedieError CORRUPT_FILE when it is no IDX file, or shorter or longer than its header
 * says; UNSUPPORTED for an unknown kind of numbers and beyond a limit
 */
export function parseIdx(
  bytes: Uint8Array,
  source = 'the IDX data',
  limits: Partial<DataLimits> = {},
): IdxArray {
  const corrupt = (given: string, allowed: string) =>
    new TweedieError({
      code: 'CORRUPT_FILE',
      package: 'data',
      given: `${source} ${given}`,
      allowed,
      fix: 'fetch the file again, and unpack it when it is compressed',
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0'));
    throw corrupt(
      `begins with the bytes '${start.join(' ')}'`,
      'an IDX file, which begins with two zero bytes, a kind and a number of axes',
    );
  }
  const kind = kinds.get(bytes[2]!);
  if (kind === undefined) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'data',
      given: `${source} holds numbers of the kind 0x${bytes[2]!.toString(16).padStart(2, '0')}`,
      allowed: [...kinds.keys()]
        .map((code) => `0x${code.toString(16).padStart(2, '0')}`)
        .join(', '),
    });
  }
  const rank = bytes[3]!;
  checkLimit('axes', rank, withLimits(limits), `${source} has ${rank} axes`);
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw corrupt(
      `ends after ${bytes.length} bytes, inside its header`,
      `${start} bytes of header`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const length = sizeOf(shape);
  const expected = start + length * kind.bytes;
  if (bytes.length !== expected) {
    throw corrupt(
      `has ${bytes.length} bytes`,
      `the ${expected} bytes of its shape [${shape.join(', ')}]`,
    );
  }
  if (bytes[2] === UNSIGNED_BYTE) return { shape, data: bytes.subarray(start) };
  const data = kind.create(length);
  for (let i = 0; i < length; i++) data[i] = kind.read(view, start + i * kind.bytes);
  return { shape, data };
}
