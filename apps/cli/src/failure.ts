import { TweedieError } from '@tweedie/core';
import pc from 'picocolors';

/** 130 is what shells give a process that Ctrl-C ended. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** What a program reads of an error under --json. */
interface Failure {
  readonly error: { readonly code: string; readonly message: string };
}

/** An error as data; operating-system errors keep their code (ENOSPC, EACCES). */
function describeFailure(error: unknown): Failure {
  if (TweedieError.isInstance(error)) {
    return { error: { code: error.code, message: error.message } };
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | null)?.code;
  return { error: { code: typeof code === 'string' ? code : 'UNEXPECTED', message } };
}

/** Reports an error to a person or, under --json, to a program; returns the exit code. */
export function reportFailure(error: unknown, json: boolean): number {
  const failure = describeFailure(error);
  if (json) process.stdout.write(`${JSON.stringify(failure)}\n`);
  else process.stderr.write(`${pc.red('error')} ${failure.error.message}\n`);
  if (process.env.TWEEDIE_DEBUG === '1' && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  } else if (failure.error.code === 'UNEXPECTED') {
    process.stderr.write('This is a fault of Tweedie. TWEEDIE_DEBUG=1 shows where it arose.\n');
  }
  return failure.error.code === 'ABORTED' ? exitCodes.interrupted : exitCodes.failed;
}
