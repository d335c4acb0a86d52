import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * A Python that can import a module: TWEEDIE_BENCH_PYTHON, or else python3.
 *
 * @returns {command}, or {reason} why there is none
 */
export async function findPython(module) {
  const named = process.env.TWEEDIE_BENCH_PYTHON;
  const command = named ?? 'python3';
  const run = promisify(execFile);
  try {
    await run(command, ['-c', '']);
  } catch (error) {
    // A Python that is named and does not work is a mistake; one that is not there is not.
    if (named !== undefined) throw new Error(`TWEEDIE_BENCH_PYTHON: ${error.message}`);
    return { reason: 'not installed' };
  }
  try {
    await run(command, ['-c', `import ${module}`]);
    return { command };
  } catch {
    return { reason: 'not installed' };
  }
}
