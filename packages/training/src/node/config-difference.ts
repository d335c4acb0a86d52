import type { Json, JsonObject } from '@tweedie/core';

/** A setting that two configurations hold different values of. */
export interface ConfigDifference {
  /** Dotted path: 'network.options.widths'. */
  readonly path: string;
  /** undefined where a configuration does not have it. */
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/**
 * All settings in which two configurations differ; lists are compared as a whole.
 *
 * @param mayChange paths that are passed over; 'sampling' covers 'sampling.steps'
 */
export function configDifferences(
  before: JsonObject,
  after: JsonObject,
  mayChange: readonly string[] = [],
): readonly ConfigDifference[] {
  return differences(before, after, '').filter(
    ({ path }) => !mayChange.some((free) => path === free || path.startsWith(`${free}.`)),
  );
}

function differences(
  before: Json | undefined,
  after: Json | undefined,
  path: string,
): readonly ConfigDifference[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      differences(
        settingOf(before, key),
        settingOf(after, key),
        path === '' ? key : `${path}.${key}`,
      ),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

/** Names are those of a file, and may be those of Object's prototype. */
function settingOf(config: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(config, key) ? config[key] : undefined;
}

function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
