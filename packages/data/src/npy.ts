import { type HostArray, hostArray, sizeOf, TweedieError } from '@tweedie/core';
import { type DataLimits, withLimits } from './limits.js';
import { parseNpyHeader } from './npy-header.js';

/**
 * Reads a NumPy array file (`numpy.save`; format versions 1 to 3, C or Fortran order). Floats become
 * float32, whole numbers and booleans int32, in C order.
 *
 * @param limits of `npyHeader` and `axes`, where they differ from `dataLimits`
 * @throws TweedieError CORRUPT_FILE when it is no such file, or shorter or longer than its header
 * says; UNSUPPORTED for other kinds of numbers and beyond a limit; INVALID_VALUE for a whole number
 * outside int32
 */
export function parseNpy(
  bytes: Uint8Array,
  source = 'the NPY data',
  limits: Partial<DataLimits> = {},
): HostArray {
  const { kind, littleEndian, fortranOrder, shape, end } = parseNpyHeader(
    bytes,
    source,
    withLimits(limits),
  );
  const length = sizeOf(shape);
  const expected = end + length * kind.bytes;
  if (bytes.length !== expected) {
    throw new TweedieError({
      code: 'CORRUPT_FILE',
      package: 'data',
      given: `${source} has ${bytes.length} bytes`,
      allowed: `the ${expected} bytes of its shape [${shape.join(', ')}]`,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = kind.float ? new Float32Array(length) : new Int32Array(length);
  const placeOf = fortranOrder ? placesInFortranOrder(shape) : undefined;
  for (let i = 0; i < length; i++) {
    const value = kind.read(view, end + i * kind.bytes, littleEndian);
    const place = placeOf === undefined ? i : placeOf();
    data[place] = value;
    if (!kind.float && data[place] !== value) {
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

/** Where the numbers of an array in Fortran order, its first axis the fastest, belong in C order. */
function placesInFortranOrder(shape: readonly number[]): () => number {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const index = shape.map(() => 0);
  let next = 0;
  return () => {
    const place = next;
    for (let axis = 0; axis < shape.length; axis++) {
      next += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      next -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
    return place;
  };
}
