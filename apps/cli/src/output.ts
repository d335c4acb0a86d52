/**
 * What a command writes: its result to stdout, everything else to stderr. A stream that fails, because its
 * reader is gone (`| head -1`) or its disk is full, ends the writing to it and nothing else: work that
 * takes hours goes on, and at the end `lostResult` says what is missing.
 */
type StreamName = 'stdout' | 'stderr';

/** The first error of each stream that failed. */
const failures = new Map<StreamName, Error>();

function write(name: StreamName, text: string): void {
  if (failures.has(name)) return;
  const failed = (error?: Error | null) => {
    if (error && !failures.has(name)) failures.set(name, error);
  };
  try {
    process[name].write(text, failed);
  } catch (error) {
    failed(error as Error);
  }
}

let hasResult = false;

/** Writes a part of the command's result, line feeds and all. */
export function writeResult(text: string): void {
  hasResult = true;
  write('stdout', text);
}

/** Writes a line for the person who waits. */
export function note(line: string): void {
  write('stderr', `${line}\n`);
}

/** Where progress is shown: stderr, as far as it can be written. */
export const notes = {
  get isTTY(): boolean {
    return process.stderr.isTTY === true;
  },
  get columns(): number | undefined {
    return process.stderr.columns;
  },
  write: (text: string): void => write('stderr', text),
};

/** Keeps errors of the streams from ending the process, those of other libraries' writing too. */
export function watchStreams(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].on('error', (error) => {
      if (!failures.has(name)) failures.set(name, error);
    });
  }
}

/**
 * Waits until what was written is out.
 *
 * @returns the error of stdout, where a part of the result was lost
 */
export async function lostResult(): Promise<Error | undefined> {
  if (!hasResult) return undefined;
  if (!failures.has('stdout')) {
    await new Promise<void>((done) => process.stdout.write('', () => done()));
  }
  return failures.get('stdout');
}
