#!/usr/bin/env node
import { env } from '@tensorflow/tfjs-core';
import { CommanderError } from 'commander';
import { exitCodes, reportFailure } from './failure.js';
import { createProgram } from './program.js';

// tfjs would advertise its native bindings on stderr at the first tensor.
env().set('PROD', true);

let exitCode: number = exitCodes.ok;
try {
  await createProgram((code) => {
    exitCode = code;
  }).parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    exitCode = reportFailure(error, process.argv.includes('--json'));
  }
}
process.exitCode = exitCode;
