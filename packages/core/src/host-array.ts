import { TweedieError } from './errors.js';

/**
 * An array in plain memory, row-major: what is drawn, loaded or saved before any backend sees it.
 * The first axis of batched data is the item axis.
 */
export interface HostArray<Data extends Float32Array | Int32Array = Float32Array | Int32Array> {
  readonly data: Data;
  readonly shape: readonly number[];
}
export type FloatArray = HostArray<Float32Array>;
export type IntArray = HostArray<Int32Array>;

/** Number of elements of a shape; 1 for a scalar (`[]`). */
export function sizeOf(shape: readonly number[]): number {
  // Extents before the zero may multiply to infinity, which times zero is no number.
  return shape.includes(0) ? 0 : shape.reduce((product, extent) => product * extent, 1);
}

/** @throws TweedieError INVALID_SHAPE when an extent is not a whole number of at least 0 */
export function checkShape(shape: readonly number[]): void {
  if (shape.every((extent) => Number.isInteger(extent) && extent >= 0)) return;
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'core',
    given: `the shape is [${shape.join(', ')}]`,
    allowed: 'whole numbers of at least 0',
  });
}

/**
 * Puts a shape on data, checking that it fits.
 *
 * @throws TweedieError INVALID_SHAPE when an extent is not a whole number of at least 0, or when
 * the extents do not multiply to the length of the data
 */
export function hostArray<Data extends Float32Array | Int32Array>(
  data: Data,
  shape: readonly number[],
): HostArray<Data> {
  checkShape(shape);
  if (sizeOf(shape) !== data.length) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'core',
      given: `the shape [${shape.join(', ')}] holds ${sizeOf(shape)} values and the data ${data.length}`,
      allowed: 'a shape whose extents multiply to the length of the data',
    });
  }
  return { data, shape: [...shape] };
}

/** A float32 array from numbers, one-dimensional unless a shape is given. */
export function floats(values: ArrayLike<number>, shape?: readonly number[]): FloatArray {
  return hostArray(Float32Array.from(values), shape ?? [values.length]);
}

/**
 * An int32 array from numbers, one-dimensional unless a shape is given.
 *
 * @throws TweedieError INVALID_VALUE for a number that int32 does not hold, which would become another
 */
export function ints(values: ArrayLike<number>, shape?: readonly number[]): IntArray {
  const data = Int32Array.from(values);
  const changed = data.findIndex((value, i) => value !== values[i]);
  if (changed === -1) return hostArray(data, shape ?? [values.length]);
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'core',
    given: `number ${changed} is ${values[changed]}`,
    allowed: 'whole numbers from −2147483648 to 2147483647',
  });
}
