import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { TweedieError } from '@tweedie/core';
import { checkLimit, type DataLimits, withLimits } from '../limits.js';

/**
 * @param fix what to do when it is not there
 * @throws TweedieError MISSING_DATA when there is no such file
 */
export function requireFile(path: string, fix = 'check the path'): void {
  if (existsSync(path)) return;
  if (path === '') {
    throw new TweedieError({
      code: 'MISSING_DATA',
      package: 'data',
      given: 'no file is named',
      fix: 'set the path of the data: `data.path`, and for idx `data.images`, on the command line',
    });
  }
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
 * @param limits of `fileBytes`, `unpackedBytes` and `unpackedRatio`, where they differ from `dataLimits`
 * @throws TweedieError IO when it cannot be read, CORRUPT_FILE when it cannot be unpacked, UNSUPPORTED
 * beyond a limit
 */
export function readBytes(path: string, limits: Partial<DataLimits> = {}): Uint8Array {
  const allowed = withLimits(limits);
  const bytes = readFile(path, allowed);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(bytes, path, allowed) : bytes;
}

function readFile(path: string, limits: DataLimits): Uint8Array {
  let file: number | undefined;
  try {
    // Else the opening of a pipe waits for who writes into it. Windows has no such mode.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(file);
    // A device or a pipe has no size, and may have no end.
    if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'it is a folder' : 'it is no file');
    checkLimit('fileBytes', stat.size, limits, `'${path}' has ${stat.size} bytes`);
    return readFileSync(file);
  } catch (cause) {
    if (TweedieError.isInstance(cause)) throw cause;
    throw new TweedieError({
      code: 'IO',
      package: 'data',
      given: `'${path}' cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
      fix: 'check the path and the permissions',
      cause,
    });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function unpacked(bytes: Uint8Array, path: string, limits: DataLimits): Uint8Array {
  const most = Math.max(limits.unpackedBytes, limits.unpackedRatio * bytes.length);
  try {
    // Stops at the limit, not after it.
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new TweedieError({
        code: 'UNSUPPORTED',
        package: 'data',
        given: `'${path}' unpacks to more than ${most} bytes from ${bytes.length}`,
        allowed: `at most ${limits.unpackedBytes} bytes, or ${limits.unpackedRatio} times its own`,
        fix: "unpack the file, or if it is trusted raise the limit 'unpackedBytes'",
        cause,
      });
    }
    throw new TweedieError({
      code: 'CORRUPT_FILE',
      package: 'data',
      given: `'${path}' is gzip-compressed and cannot be unpacked`,
      fix: 'fetch the file again',
      cause,
    });
  }
}
