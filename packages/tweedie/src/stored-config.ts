import { type Json, type JsonObject, TweedieError } from '@tweedie/core';
import { type PluginModule, requireModules } from './plugin-modules.js';
import type { TweedieRegistry } from './registry.js';
import { type RunConfig, resolveConfig, runParts } from './run-config.js';

/**
 * The configuration that a run folder holds, as this version writes it: settings that earlier
 * versions kept elsewhere are moved, and options that they did not have get their defaults.
 *
 * @param stored what `readRunConfig` or `loadRun` gave
 * @param modules where the registry's plug-ins from outside are from
 * @throws TweedieError INVALID_VALUE when it is not the configuration of such a run; UNKNOWN_NAME and
 * INVALID_OPTION for plug-ins and options that there are no longer, or that no module gives
 */
export function readStoredConfig(
  stored: JsonObject,
  registry: TweedieRegistry,
  modules: readonly PluginModule[] = [],
): RunConfig {
  requireModules(stored.plugins, modules);
  const config = migrations.reduce((current, migrate) => migrate(current), stored);
  checkParts(config);
  return resolveConfig(config, registry);
}

/**
 * What changed in stored configurations, the oldest change first. Each leaves a configuration that
 * was written after it as it is.
 */
const migrations: readonly ((config: JsonObject) => JsonObject)[] = [optimizerFromTraining];

/** AdamW was the only optimizer, and its options were among those of training. */
function optimizerFromTraining(config: JsonObject): JsonObject {
  if (Object.hasOwn(config, 'optimizer') || !isObject(config.training)) return config;
  const moved = ['weightDecay', 'beta1', 'beta2', 'epsilon'];
  const settings = Object.entries(config.training);
  const options = Object.fromEntries(settings.filter(([name]) => moved.includes(name)));
  const training = Object.fromEntries(settings.filter(([name]) => !moved.includes(name)));
  return { ...config, optimizer: { name: 'adamw', options }, training };
}

function checkParts(config: JsonObject): asserts config is RunConfig {
  const sampling = isObject(config.sampling) ? config.sampling : {};
  const choices: (readonly [string, Json | undefined])[] = [
    ...runParts.map((part) => [part, config[part]] as const),
    ['sampling.sampler', sampling.sampler],
    ['sampling.grid', sampling.grid],
  ];
  const missing = choices.find(([, choice]) => !isChoice(choice))?.[0];
  if (missing === undefined && isObject(config.training)) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'tweedie',
    given: `the stored configuration does not say its ${missing ?? 'training'}`,
    allowed: 'the configuration of a run that was made from a recipe',
  });
}

function isChoice(value: Json | undefined): boolean {
  return isObject(value) && typeof value.name === 'string' && isObject(value.options);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
