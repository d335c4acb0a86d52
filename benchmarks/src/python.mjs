import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * A Python that can import torch: TWEEDIE_BENCH_PYTHON, or else python3.
 *
 * @returns {command}, or {reason} why there is none
 */
export async function findPython() {
  const named = process.env.TWEEDIE_BENCH_PYTHON;
  const command = named ?? 'python3';
  try {
    await promisify(execFile)(command, ['-c', 'import torch']);
    return { command };
  } catch (error) {
    // A Python that is named and does not work is a mistake; one that is not there is not.
    if (named !== undefined) throw new Error(`TWEEDIE_BENCH_PYTHON: ${error.message}`);
    return { reason: 'not installed' };
  }
}
