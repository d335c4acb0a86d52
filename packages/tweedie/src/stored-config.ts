import { type Json, type JsonObject, recordOf } from '@tweedie/core';
import { type PluginModule, requireModules } from './plugin-modules.js';
import type { TweedieRegistry } from './registry.js';
import { resolveConfig } from './run-config.js';
import type { RunConfig } from './run-config-form.js';

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
  const options = recordOf(settings.filter(([name]) => moved.includes(name)));
  const training = recordOf(settings.filter(([name]) => !moved.includes(name)));
  return { ...config, optimizer: { name: 'adamw', options }, training };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
