import { totalmem } from 'node:os';
import { describeMemory, formatBytes, type MemoryPart, totalBytes } from '@tweedie/core';
import pc from 'picocolors';
import { note } from './output.js';

/** Bytes that this process may take: of the machine, or of the container that it is in. */
function availableMemory(): number {
  // 0 or more than any machine has where there is no limit.
  const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  return Math.min(totalmem(), limit);
}

/** Warns of work that would take more memory than there is. @param work 'training' */
export function warnOfMemory(
  work: string,
  parts: readonly MemoryPart[],
  { available = availableMemory(), write = note } = {},
): void {
  if (totalBytes(parts) <= available) return;
  write(
    `${pc.yellow('warning')} ${work} would take ${describeMemory(parts)}; this machine has ${formatBytes(available)}`,
  );
}
