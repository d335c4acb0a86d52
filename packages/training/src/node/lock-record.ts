import { constants } from 'node:fs';
import type { ProcessIdentity } from './process-identity.js';
import { openRegularFile } from './regular-file.js';

/** Who holds the lock; what is in the file. */
export interface LockRecord extends ProcessIdentity {
  /** Of this one taking of the lock: 16 hexadecimal digits. */
  readonly id: string;
  /** When it was taken, ISO 8601. */
  readonly since: string;
  /** Whether the holder has the system's lock of the file too. */
  readonly kernel: boolean;
}

export function encodeRecord(record: LockRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** A lock file: its record, where it has one. */
export interface FoundRecord {
  readonly path: string;
  readonly id: string;
  readonly record: LockRecord | undefined;
  /** Of the holder's last sign of life, by the clock of the file system. */
  readonly writtenAt: number;
}

/** @returns undefined where there is no file */
export async function readRecord(path: string): Promise<FoundRecord | undefined> {
  const file = await openRegularFile(path, constants.O_RDONLY).catch((cause) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const { mtimeMs, ino } = await file.stat();
    const record = parse(buffer.toString('utf8', 0, bytesRead));
    return { path, id: record?.id ?? `unreadable-${ino}`, record, writtenAt: mtimeMs };
  } finally {
    await file.close();
  }
}

/** A record's values come from a file that anybody may have written: they go into names and messages. */
function parse(text: string): LockRecord | undefined {
  let record: Partial<Record<keyof LockRecord, unknown>> | null;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { id, pid, since, kernel } = record ?? {};
  const texts = [record?.host, record?.boot, record?.pidNamespace, record?.started];
  const isName = (value: unknown) => typeof value === 'string' && /^[ -~]{0,255}$/.test(value);
  const isValid =
    /^[0-9a-f]{16}$/.test(String(id)) &&
    Number.isInteger(pid) &&
    (pid as number) > 0 &&
    /^[0-9T:.Z-]{20,30}$/.test(String(since)) &&
    typeof kernel === 'boolean' &&
    texts.every(isName);
  return isValid ? (record as LockRecord) : undefined;
}
