import { type FileHandle, open, readFile } from 'node:fs/promises';
import type { JsonObject } from '@tweedie/core';
import { writeFileAtomic } from './atomic-file.js';
import { withIo } from './io-error.js';

/** A record of a metrics file: any numbers and texts of one step. */
export type MetricsRecord = JsonObject & { readonly step: number };

/** Appends records to a file, a line of JSON each. */
export interface MetricsFile {
  append(record: MetricsRecord): Promise<void>;
  /** Flushes what was appended to the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The records of a metrics file, in order; none where there is no file. What a killed run left of
 * its last line is passed over.
 *
 * @throws TweedieError IO
 */
export async function readMetrics(path: string): Promise<readonly MetricsRecord[]> {
  return (await readContent(path)).split('\n').flatMap((line) => parseRecord(line) ?? []);
}

/**
 * Opens a metrics file for the steps after `lastStep`: records of later steps and torn lines are
 * removed first, so that a resumed run writes none twice.
 *
 * @throws TweedieError IO
 */
export async function openMetrics(path: string, lastStep: number): Promise<MetricsFile> {
  const content = await readContent(path);
  const kept = content
    .split('\n')
    .filter((line) => (parseRecord(line)?.step ?? Number.POSITIVE_INFINITY) <= lastStep)
    .map((line) => `${line}\n`)
    .join('');
  if (kept !== content) await writeFileAtomic(path, kept);
  const file: FileHandle = await withIo(`opening '${path}'`, () => open(path, 'a'));
  return {
    append: (record) =>
      withIo(`writing to '${path}'`, () => file.appendFile(`${JSON.stringify(record)}\n`)),
    sync: () => withIo(`flushing '${path}'`, () => file.sync()),
    close: () => withIo(`closing '${path}'`, () => file.close()),
  };
}

async function readContent(path: string): Promise<string> {
  return withIo(`reading '${path}'`, () =>
    readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return '';
      throw cause;
    }),
  );
}

function parseRecord(line: string): MetricsRecord | undefined {
  try {
    const record = JSON.parse(line) as Partial<MetricsRecord> | null;
    return Number.isInteger(record?.step) ? (record as MetricsRecord) : undefined;
  } catch {
    return undefined;
  }
}
