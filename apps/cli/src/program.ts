import { createRequire } from 'node:module';
import { Command } from 'commander';
import { declareDoctor } from './commands/doctor.js';
import { declareExport } from './commands/export.js';
import { declareFigures } from './commands/figures.js';
import type { Done } from './commands/flags.js';
import { declareList } from './commands/list.js';
import { declareOptions } from './commands/options.js';
import { declareSample } from './commands/sample.js';
import { declareTrain } from './commands/train.js';
import { notes, writeResult } from './output.js';

/** The command line. What a command needs is imported when it runs. */
export function createProgram(done: Done): Command {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = new Command('tweedie')
    .description('Score-based and diffusion generative models: train, sample, export.')
    .version(version);
  const commands = [
    declareTrain,
    declareSample,
    declareExport,
    declareFigures,
    declareOptions,
    declareList,
    declareDoctor,
  ];
  for (const declare of commands) program.addCommand(declare(done));
  for (const command of [program, ...program.commands]) {
    command
      .configureOutput({ writeOut: writeResult, writeErr: notes.write })
      .showHelpAfterError('(add --help for what is allowed)')
      .exitOverride();
  }
  return program;
}
