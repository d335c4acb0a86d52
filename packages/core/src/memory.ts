import { TweedieError } from './errors.js';

/** What takes memory, and how much. */
export interface MemoryPart {
  /** 'parameters and their average' */
  readonly what: string;
  readonly bytes: number;
  /** Whether it is one array, which JavaScript holds up to 2³² numbers of. */
  readonly isArray?: boolean;
}

/** 1 TiB: more is a slip of the finger on every machine that this runs on. */
const mostBytes = 2 ** 40;
const mostBytesOfArray = 4 * 2 ** 32;

export function totalBytes(parts: readonly MemoryPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** '3.2 TB', for people. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  if (value >= 1e4) return `${value.toExponential(1)} ${units[unit]}`;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toPrecision(2)} ${units[unit]}`;
}

/** 'about 16 TB: parameters 4.0 TB, batch 12 TB', the largest first. */
export function describeMemory(parts: readonly MemoryPart[]): string {
  const named = [...parts]
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ what, bytes }) => `${what} ${formatBytes(bytes)}`);
  return `about ${formatBytes(totalBytes(parts))} of memory: ${named.join(', ')}`;
}

/**
 * Refuses work that no machine has the memory for, before anything is allocated.
 *
 * @param work what would take it: 'training'
 * @param fix what to do about it
 * @throws TweedieError INVALID_VALUE for more than 1 TiB, or more than 2³² numbers in one array
 */
export function checkMemory(
  packageName: string,
  work: string,
  parts: readonly MemoryPart[],
  fix: string,
): void {
  const tooLong = parts.some(({ bytes, isArray }) => isArray && !(bytes <= mostBytesOfArray));
  if (totalBytes(parts) <= mostBytes && !tooLong) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: packageName,
    given: `${work} would take ${describeMemory(parts)}`,
    allowed: `at most ${formatBytes(mostBytes)}, and ${formatBytes(mostBytesOfArray)} in one array`,
    fix,
  });
}
