import { integer, parseOption } from '@tweedie/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { backendNames } from 'tweedie';

/** Takes the exit code of a command that has ended. */
export type Done = (code: number) => void;

/** A whole number of at least `min` from a flag's text. */
export function whole(min: number) {
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
export function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Allowed: a number above 0.');
}

function collect(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

export const backendOption = () =>
  new Option('--backend <name>', 'where to compute')
    .choices(['auto', ...backendNames])
    .default('auto');
export const jsonOption = () => new Option('--json', 'print the result as one JSON object');
export const pluginOption = () =>
  new Option('--plugin <module>', 'a file or package of plug-ins; repeatable')
    .argParser(collect)
    .default([], 'none');
export const setOption = () =>
  new Option('--set <path=value>', "any option of a part, e.g. 'network.dropout=0.1'; repeatable")
    .argParser(collect)
    .default([], 'none');

/** The options of a command that reads a run: which weights, and how it samples. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--sampler <name>', 'another sampler than the run names')
    .option('--grid <name>', 'another step grid')
    .option('--steps <n>', 'sampler steps', whole(1))
    .addOption(
      new Option('--weights <kind>', 'averaged (ema) or as trained (raw)')
        .choices(['ema', 'raw'])
        .default('ema'),
    )
    .addOption(
      new Option(
        '--set <path=value>',
        "an option of sampler or grid, e.g. 'sampling.sampler.eta=0.5'; repeatable",
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(pluginOption())
    .addOption(backendOption())
    .addOption(jsonOption());
}
