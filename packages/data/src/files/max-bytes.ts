import { integer } from '@tweedie/core';
import type { DataLimits } from '../limits.js';

/** The option of data sets that says how large their files may be. */
export const maxBytes = integer({
  default: null,
  min: 1,
  doc: 'larger files are refused, as they are or unpacked; by default above 1 GiB, and above 4 MiB and 32 times the file if it is gzip-compressed',
});

/** The limits that a value of the option stands for. */
export function limitsOfBytes(bytes: number | null): Partial<DataLimits> {
  return bytes === null ? {} : { fileBytes: bytes, unpackedBytes: bytes, unpackedRatio: 0 };
}
