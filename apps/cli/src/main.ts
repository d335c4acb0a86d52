#!/usr/bin/env node
import { hasFewFiles, needsFiles } from './open-files.js';

// Everything is imported from here, so that a failure to load it can be told in a line.
try {
  const { runCommandLine } = await import('./command-line.js');
  process.exitCode = await runCommandLine(process.argv);
} catch (error) {
  const reason = hasFewFiles() ? needsFiles : `install it again (${(error as Error).message})`;
  process.stderr.write(`error tweedie could not be loaded. Fix: ${reason}\n`);
  process.exitCode = 1;
}
