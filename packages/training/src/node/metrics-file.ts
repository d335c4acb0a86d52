import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type JsonObject, parseJson } from '@tweedie/core';
import { writeFileAtomic } from './atomic-file.js';
import { withIo } from './io-error.js';
import { openRegularFile } from './regular-file.js';

/** A record of a metrics file: any numbers and texts of one step. */
export type MetricsRecord = JsonObject & { readonly step: number };

/** Appends records to a file, a line of JSON each. */
export interface MetricsFile {
  append(record: MetricsRecord): Promise<void>;
  /** Flushes what was appended to the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What a line may be long, in bytes: so memory stays small whatever a file holds. */
const longestLine = 1 << 20;
const pieceLength = 1 << 16;

/**
 * The records of a metrics file, in order; none where there is no file. Lines that are no records, as a
 * killed run leaves its last, are passed over. Takes little memory, however long the file is.
 *
 * @throws TweedieError IO, when it is iterated
 */
export async function* readMetrics(path: string): AsyncGenerator<MetricsRecord, void, undefined> {
  for await (const lines of readLines(path, { followLinks: true })) {
    for (const { text } of lines) {
      const record = parseRecord(text);
      if (record !== undefined) yield record;
    }
  }
}

/**
 * Opens a metrics file for the steps after `lastStep`: records of later steps, of steps that are there
 * already, and torn lines are removed first, so that a resumed run writes none twice.
 *
 * @throws TweedieError IO
 */
export async function openMetrics(path: string, lastStep: number): Promise<MetricsFile> {
  const unterminated = await withIo(`reading '${path}'`, () => removeLater(path, lastStep));
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  const file: FileHandle = await withIo(`opening '${path}'`, () =>
    openRegularFile(path, O_WRONLY | O_CREAT | O_APPEND),
  );
  if (unterminated) await withIo(`writing to '${path}'`, () => file.appendFile('\n'));
  return {
    append: (record) =>
      withIo(`writing to '${path}'`, () => file.appendFile(`${JSON.stringify(record)}\n`)),
    sync: () => withIo(`flushing '${path}'`, () => file.sync()),
    close: () => withIo(`closing '${path}'`, () => file.close()),
  };
}

/** @returns whether the last line that stays lacks its end */
async function removeLater(path: string, lastStep: number): Promise<boolean> {
  /** Where the lines that stay from the beginning on end. */
  let kept = 0;
  let size = 0;
  let isWhole = true;
  let staysLater = false;
  let unterminated = false;
  const stays = createFilter(lastStep);
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      const isKept = stays(line);
      isWhole &&= isKept;
      if (isWhole) kept = line.end;
      else staysLater ||= isKept;
      size = line.end;
      unterminated = isKept && !line.terminated;
    }
  }
  if (staysLater) {
    await writeFileAtomic(path, keptLines(path, lastStep));
    return false;
  }
  if (kept === size) return unterminated;
  const file = await openRegularFile(path, constants.O_RDWR);
  try {
    await file.truncate(kept);
    await file.sync();
  } finally {
    await file.close();
  }
  return false;
}

async function* keptLines(path: string, lastStep: number): AsyncGenerator<string> {
  const stays = createFilter(lastStep);
  for await (const lines of readLines(path)) {
    const kept = lines.filter(stays).map(({ text }) => `${text}\n`);
    if (kept.length > 0) yield kept.join('');
  }
}

/** Tells of each line in turn whether it stays: a record of a step after the one before, to the last. */
function createFilter(lastStep: number): (line: Line) => boolean {
  let before = Number.NEGATIVE_INFINITY;
  return ({ text }) => {
    const step = parseRecord(text)?.step;
    if (step === undefined || step > lastStep || step <= before) return false;
    before = step;
    return true;
  };
}

interface Line {
  /** undefined where it is longer than any record. */
  readonly text: string | undefined;
  /** The byte after it. */
  readonly end: number;
  /** Whether a line feed ends it; the last may lack it. */
  readonly terminated: boolean;
}

/** The lines of a file, those of each piece that is read together; none where there is no file. */
async function* readLines(
  path: string,
  options: { readonly followLinks?: boolean } = {},
): AsyncGenerator<readonly Line[]> {
  const file = await withIo(`reading '${path}'`, () =>
    openRegularFile(path, constants.O_RDONLY, options).catch((cause) => {
      if (cause.code === 'ENOENT') return undefined;
      throw cause;
    }),
  );
  if (file === undefined) return;
  try {
    const piece = Buffer.alloc(pieceLength);
    /** What was read of a line that has not ended; its length counts on where its bytes are dropped. */
    let open: Buffer[] = [];
    let openLength = 0;
    let position = 0;
    const add = (bytes: Buffer) => {
      openLength += bytes.length;
      if (openLength <= longestLine) open.push(Buffer.from(bytes));
      else open = [];
    };
    const end = (terminated: boolean): Line => {
      const isRecord = openLength <= longestLine;
      const text = isRecord ? Buffer.concat(open).toString('utf8') : undefined;
      open = [];
      openLength = 0;
      return { text, end: position, terminated };
    };
    for (;;) {
      const { bytesRead } = await withIo(`reading '${path}'`, () =>
        file.read(piece, 0, pieceLength),
      );
      if (bytesRead === 0) break;
      const lines: Line[] = [];
      const start = position;
      for (let from = 0; from < bytesRead; ) {
        const at = piece.subarray(0, bytesRead).indexOf(0x0a, from);
        const to = at < 0 ? bytesRead : at;
        add(piece.subarray(from, to));
        from = at < 0 ? bytesRead : at + 1;
        position = start + from;
        if (at >= 0) lines.push(end(true));
      }
      if (lines.length > 0) yield lines;
    }
    if (openLength > 0) yield [end(false)];
  } finally {
    await file.close();
  }
}

function parseRecord(line: string | undefined): MetricsRecord | undefined {
  if (line === undefined) return undefined;
  try {
    const record = parseJson(line) as Partial<MetricsRecord> | null;
    return Number.isInteger(record?.step) ? (record as MetricsRecord) : undefined;
  } catch {
    return undefined;
  }
}
