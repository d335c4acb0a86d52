import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { TweedieError } from '@tweedie/core';

/**
 * @param fix what to do when it is not there
 * @throws TweedieError MISSING_DATA when there is no such file
 */
export function requireFile(path: string, fix = 'check the path'): void {
  if (existsSync(path)) return;
  throw new TweedieError({
    code: 'MISSING_DATA',
    package: 'data',
    given: `there is no file '${path}'`,
    fix,
  });
}

/**
 * Reads a file, and unpacks it when it is gzip-compressed.
 *
 * @throws TweedieError IO when it cannot be read, CORRUPT_FILE when it cannot be unpacked
 */
export function readBytes(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new TweedieError({
      code: 'IO',
      package: 'data',
      given: `'${path}' cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
      fix: 'check the path and the permissions',
      cause,
    });
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new TweedieError({
      code: 'CORRUPT_FILE',
      package: 'data',
      given: `'${path}' is gzip-compressed and cannot be unpacked`,
      fix: 'fetch the file again',
      cause,
    });
  }
}
