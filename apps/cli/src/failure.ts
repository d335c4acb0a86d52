import { TweedieError } from '@tweedie/core';
import pc from 'picocolors';
import { interruptedCode } from './interrupt.js';
import { hasFewFiles, needsFiles } from './open-files.js';
import { note, writeResult } from './output.js';
import { blame } from './plugin-faults.js';

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** What a program reads of an error under --json. */
interface Failure {
  readonly error: { readonly code: string; readonly message: string };
}

/** What to do about an error that is the machine's and not Tweedie's. */
function adviceFor(error: unknown): { readonly code: string; readonly fix: string } | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (
    error instanceof RangeError &&
    /allocation failed|Invalid typed array length/i.test(message)
  ) {
    return { code: 'OUT_OF_MEMORY', fix: 'ask for less at once: a smaller --batch or network' };
  }
  if ((code === 'EMFILE' || code?.includes('MODULE_NOT_FOUND')) && hasFewFiles()) {
    return { code: 'EMFILE', fix: needsFiles };
  }
  return undefined;
}

/** An error as data; operating-system errors keep their code (ENOSPC, EACCES). */
function describeFailure(error: unknown): Failure {
  if (TweedieError.isInstance(error)) {
    return { error: { code: error.code, message: error.message } };
  }
  const message = error instanceof Error ? error.message : String(error);
  const advice = error instanceof Error ? adviceFor(error) : undefined;
  if (advice) return { error: { code: advice.code, message: `${message}. Fix: ${advice.fix}.` } };
  const code = (error as { code?: unknown } | null)?.code;
  return { error: { code: typeof code === 'string' ? code : 'UNEXPECTED', message } };
}

/** The stack of an error, and of each error that caused the one before. */
function stacksOf(error: unknown): string[] {
  const stacks: string[] = [];
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    stacks.push(`${seen.size === 0 ? '' : 'caused by '}${at.stack}`);
    seen.add(at);
  }
  return stacks;
}

/** Reports an error to a person or, under --json, to a program; returns the exit code. */
export function reportFailure(error: unknown, json: boolean): number {
  const failure = describeFailure(error);
  if (json) writeResult(`${JSON.stringify(failure)}\n`);
  else note(`${pc.red('error')} ${failure.error.message}`);
  const isDebugging = process.env.TWEEDIE_DEBUG === '1';
  if (failure.error.code === 'UNEXPECTED') {
    note(`${blame(error)}${isDebugging ? '' : ' TWEEDIE_DEBUG=1 shows the stack.'}`);
  }
  if (isDebugging) for (const stack of stacksOf(error)) note(stack);
  if (failure.error.code !== 'ABORTED') return exitCodes.failed;
  return interruptedCode((error as Error).cause);
}

/** Reports arguments that are no command line, which commander has told on stderr; returns the exit code. */
export function reportUsage({ message }: Error, json: boolean): number {
  const failure: Failure = { error: { code: 'USAGE', message: message.replace(/^error: /, '') } };
  if (json) writeResult(`${JSON.stringify(failure)}\n`);
  return exitCodes.usage;
}

/** Reports that a command's result did not arrive; returns the exit code. */
export function reportLostResult({ message }: Error): number {
  note(`${pc.red('error')} the result could not be written to standard output (${message})`);
  return exitCodes.failed;
}
