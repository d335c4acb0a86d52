import { CommanderError } from 'commander';
import { exitCodes, reportFailure, reportLostResult, reportUsage } from './failure.js';
import { lostResult, watchStreams } from './output.js';
import { createProgram } from './program.js';

/** Runs the command that the arguments ask for. @returns the exit code */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  watchStreams();
  let exitCode: number = exitCodes.ok;
  try {
    await createProgram((code) => {
      exitCode = code;
    }).parseAsync(args);
  } catch (error) {
    if (error instanceof CommanderError) {
      exitCode = error.exitCode === 0 ? exitCodes.ok : reportUsage(error, args.includes('--json'));
    } else {
      exitCode = reportFailure(error, args.includes('--json'));
    }
  }
  const lost = await lostResult();
  if (lost === undefined) return exitCode;
  const lostCode = reportLostResult(lost);
  return exitCode || lostCode;
}
