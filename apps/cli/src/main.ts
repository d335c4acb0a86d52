#!/usr/bin/env node
import { createRequire } from 'node:module';
import { env } from '@tensorflow/tfjs-core';
import { integer, parseOption } from '@tweedie/core';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { backendNames, exportKinds, recipes } from 'tweedie';
import { diagnose, formatDiagnosis } from './doctor.js';
import { exitCodes, reportFailure } from './failure.js';

/** A whole number of at least `min` from a flag's text. */
function whole(min: number) {
  const option = integer({ default: 0, min, doc: '' });
  return (text: string): number => {
    try {
      return parseOption('cli', 'it', option, text) as number;
    } catch {
      throw new InvalidArgumentError(`Allowed: a whole number of at least ${min}.`);
    }
  };
}

/** A number above 0 from a flag's text. */
function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Allowed: a number above 0.');
}

function collect(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

const backendOption = () =>
  new Option('--backend <name>', 'where to compute')
    .choices(['auto', ...backendNames])
    .default('auto');
const jsonOption = () => new Option('--json', 'print the result as one JSON object');
const samplingOption = () =>
  new Option(
    '--set <path=value>',
    "an option of sampler or grid, e.g. 'sampler.eta=0.5'; repeatable",
  )
    .argParser(collect)
    .default([], 'none');
const setOption = () =>
  new Option('--set <path=value>', "any option of a part, e.g. 'network.dropout=0.1'; repeatable")
    .argParser(collect)
    .default([], 'none');

function createProgram(done: (code: number) => void): Command {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = new Command('tweedie')
    .description('Score-based and diffusion generative models: train, sample, inspect.')
    .version(version)
    .showHelpAfterError('(add --help for what is allowed)')
    .exitOverride();

  program
    .command('train')
    .description('train a model by a recipe into a run folder')
    .argument('<recipe>', `${recipes.map(({ id }) => id).join(', ')}`)
    .option('--out <dir>', 'the run folder (default: runs/RECIPE)')
    .option('--resume', 'go on from the last good checkpoint, or start when there is none')
    .option('--steps <n>', 'training steps', whole(1))
    .option('--batch <n>', 'items a step', whole(1))
    .option('--seed <n>', 'seed of everything random', whole(0))
    .option('--data <name>', 'another data set')
    .option('--samples <n>', 'samples to draw at the end, 0 for none', whole(0), 64)
    .option('--checkpoint-every <n>', 'steps between checkpoints', whole(1), 100)
    .addOption(setOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `\nRecipes:\n${recipes.map(({ id, doc }) => `  ${id.padEnd(20)} ${doc}`).join('\n')}\n\n` +
        `'tweedie options RECIPE' lists what --set can change.`,
    )
    .action(async (recipe, flags) => {
      const { trainCommand } = await import('./train.js');
      done(await trainCommand(recipe, flags));
    });

  program
    .command('sample')
    .description('draw samples from a trained run')
    .argument('<run>', 'a run folder')
    .option('-n, --count <n>', 'how many', whole(1), 64)
    .option('--sampler <name>', 'another sampler than the run names')
    .option('--grid <name>', 'another step grid')
    .option('--steps <n>', 'sampler steps', whole(1))
    .option('--seed <n>', 'seed of the samples', whole(0), 0)
    .option('--weights <kind>', 'ema or raw', 'ema')
    .option(
      '--int8',
      'convolutions in bytes, by ranges from 32 samples drawn first: less exact, on some processors faster (docs/int8.md)',
    )
    .option('--out <file>', '.png, .npy or .safetensors (default: samples.png in the run folder)')
    .addOption(samplingOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (run, flags) => {
      const { sampleCommand } = await import('./sample.js');
      done(await sampleCommand(run, flags));
    });

  program
    .command('export')
    .description('write a trained run as an ONNX file, which Python, C++ and browsers run')
    .argument('<run>', 'a run folder')
    .requiredOption('--onnx <file>', 'the file to write')
    .addOption(
      new Option(
        '--what <part>',
        'the denoiser at any level, one step of the sampler, or all of it',
      )
        .choices(exportKinds)
        .default('denoiser'),
    )
    .option('--batch <n>', 'items a batch; shapes in the file are fixed', whole(1), 1)
    .option('--int8', 'convolutions in bytes: a smaller file, less exact (docs/int8.md)')
    .option('--sampler <name>', 'another sampler than the run names')
    .option('--grid <name>', 'another step grid')
    .option('--steps <n>', 'sampler steps', whole(1))
    .addOption(
      new Option('--weights <kind>', 'which weights').choices(['ema', 'raw']).default('ema'),
    )
    .addOption(samplingOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (run, flags) => {
      const { exportCommand } = await import('./export.js');
      done(await exportCommand(run, flags));
    });

  program
    .command('figures')
    .description(
      'draw the figures of the lecture from computations made on the spot, as SVG and PNG',
    )
    .requiredOption('--out <dir>', 'folder of the files')
    .option('--only <list>', 'some of the figures 1 to 5, as in 1,3')
    .option(
      '--run <run>',
      'a trained run of digits, whose network draws the reverse chain of Fig. 4',
    )
    .option('--seed <n>', 'seed of everything random', whole(0), 0)
    .option(
      '--effort <share>',
      'share of the usual training, e.g. 0.1 for a quick look',
      positive,
      1,
    )
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags) => {
      const { figuresCommand } = await import('./figures.js');
      done(await figuresCommand(flags));
    });

  program
    .command('options')
    .description('list every option that a recipe has, with its range and default')
    .argument('<recipe>')
    .addOption(jsonOption())
    .action(async (recipe, flags) => {
      const { optionsCommand } = await import('./list-options.js');
      done(await optionsCommand(recipe, flags));
    });

  program
    .command('doctor')
    .description('say what works on this machine and, where something does not, why')
    .addOption(jsonOption())
    .action(async (flags: { json?: boolean }) => {
      const diagnosis = await diagnose();
      const text = flags.json ? JSON.stringify(diagnosis) : formatDiagnosis(diagnosis);
      process.stdout.write(`${text}\n`);
      done(diagnosis.auto === null ? exitCodes.failed : exitCodes.ok);
    });
  return program;
}

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
