import { type Json, type JsonObject, type PluginChoice, TweedieError } from '@tweedie/core';

/** How a run samples when nothing else is asked for. */
export type SamplingChoice = {
  readonly sampler: PluginChoice;
  readonly grid: PluginChoice;
  /** Items that are sampled together; fixed, so that item i never depends on how many are asked for. */
  readonly batchSize: number;
};

/** A module of plug-ins from outside that a run needs, and which of them it uses: 'sampler heun'. */
export type NeededModule = {
  readonly module: string;
  readonly uses: readonly string[];
};

/** Everything that a run is, as data: written to its folder and checkpoints, enough to rebuild it. */
export type RunConfig = {
  readonly recipe: string;
  readonly data: PluginChoice;
  readonly network: PluginChoice;
  readonly schedule: PluginChoice;
  readonly parameterization: PluginChoice;
  readonly loss: PluginChoice;
  readonly optimizer: PluginChoice;
  readonly training: JsonObject;
  readonly sampling: SamplingChoice;
  /** Modules from outside that some of the above come from (`neededModules`). */
  readonly plugins?: readonly NeededModule[];
};

/** The parts of a run that are plug-ins, apart from those of sampling. */
export const runParts = [
  'data',
  'network',
  'schedule',
  'parameterization',
  'loss',
  'optimizer',
] as const;

const known = {
  configuration: ['recipe', ...runParts, 'training', 'sampling', 'plugins'],
  sampling: ['sampler', 'grid', 'batchSize'],
  choice: ['name', 'options'],
};

/**
 * Checks that a configuration has the form of one: each part a name with options, and nothing else.
 * Names and options are checked where they are resolved.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function checkRunConfig(config: JsonObject): asserts config is RunConfig {
  checkKeys(config, known.configuration, '');
  const { recipe, sampling } = config;
  if (typeof recipe !== 'string') refuse(lacking(config, 'recipe'), 'the name of a recipe');
  for (const part of runParts) checkChoice(config, part, '');
  if (!isObject(config.training)) refuse(lacking(config, 'training'), 'an object of options');
  if (!isObject(sampling)) refuse(lacking(config, 'sampling'), 'a sampler and a grid');
  checkKeys(sampling, known.sampling, 'sampling.');
  for (const part of ['sampler', 'grid']) checkChoice(sampling, part, 'sampling.');
}

function checkChoice(config: JsonObject, part: string, path: string): void {
  const choice = Object.hasOwn(config, part) ? config[part] : undefined;
  if (!isObject(choice) || typeof choice.name !== 'string' || !isObject(choice.options)) {
    refuse(lacking(config, part, path), '{ "name": "…", "options": { … } }');
  }
  checkKeys(choice, known.choice, `${path}${part}.`);
}

function checkKeys(config: JsonObject, names: readonly string[], path: string): void {
  const unknown = Object.keys(config).find((key) => !names.includes(key));
  if (unknown === undefined) return;
  refuse(`the configuration has '${path}${unknown}'`, names.map((name) => path + name).join(', '));
}

function lacking(config: JsonObject, key: string, path = ''): string {
  return Object.hasOwn(config, key)
    ? `the configuration has something else in place of its ${path}${key}`
    : `the configuration does not say its ${path}${key}`;
}

function refuse(given: string, allowed: string): never {
  throw new TweedieError({ code: 'INVALID_VALUE', package: 'tweedie', given, allowed });
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
