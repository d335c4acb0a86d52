import { TweedieError } from '@tweedie/core';

/**
 * What files may ask for, so that a small file cannot take much memory or time. Each decoder checks
 * them before it allocates, and takes memory and time in proportion to the bytes that it is given.
 * Functions that read take `limits` with the numbers to change, and data sets an option of their own.
 */
export const dataLimits = {
  /** Bytes of a file on disk. Node reads at most 2³¹ − 1. */
  fileBytes: 2 ** 30,
  /** Bytes that a gzip-compressed file may unpack to, or `unpackedRatio` times its own, if more. */
  unpackedBytes: 2 ** 22,
  unpackedRatio: 32,
  /** Axes of an array in an IDX or NPY file; NumPy's own limit. */
  axes: 64,
  /** Characters of the header of an NPY file; NumPy's own limit (`max_header_size`). */
  npyHeader: 10_000,
  /** Columns of a CSV file. */
  csvColumns: 2 ** 20,
  /** Characters of a cell of a CSV file. */
  csvCell: 4096,
  /** Pixels of a PNG file, width times height. */
  pixels: 2 ** 24,
} as const;
export type DataLimits = { readonly [Name in keyof typeof dataLimits]: number };

/**
 * All limits, with some changed.
 *
 * @throws TweedieError INVALID_OPTION for a limit that is no number of at least 0
 */
export function withLimits(changed: Partial<DataLimits>): DataLimits {
  for (const [name, value] of Object.entries(changed)) {
    if (Object.hasOwn(dataLimits, name) && value >= 0) continue;
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'data',
      given: `the limit '${name}' is ${value}`,
      allowed: `a number of at least 0 for ${Object.keys(dataLimits).join(', ')}`,
    });
  }
  return { ...dataLimits, ...changed };
}

/**
 * Refuses a file that asks for more than a limit.
 *
 * @param given what asks for how much: "'a.png' has 9 pixels"
 * @throws TweedieError UNSUPPORTED
 */
export function checkLimit(
  name: keyof DataLimits,
  value: number,
  limits: DataLimits,
  given: string,
): void {
  if (value <= limits[name]) return;
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'data',
    given,
    allowed: `at most ${limits[name]}`,
    fix: `if the file is trusted, raise the limit '${name}'`,
  });
}
