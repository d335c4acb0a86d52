import type { Json, JsonObject } from '../json.js';
import { formatBytes } from '../memory.js';
import type { NumberOption, Option, OptionSpecs, PluginSource } from './declaration.js';
import { isNaming, named, namesOf, own, takeApart } from './naming.js';

/** What an option allows, in words. */
export function describeOption(option: Option, plugins?: PluginSource): string {
  switch (option.kind) {
    case 'boolean':
      return 'true or false';
    case 'text':
      return `a text${orNull(option)}`;
    case 'choice':
      return `one of ${option.choices.join(', ')}`;
    case 'numbers':
      return `a list of finite numbers${orNull(option)}`;
    case 'texts':
      return `a list of texts${orNull(option)}`;
    case 'variant':
    case 'plugin':
      return `one of ${namesOf(option, plugins).join(', ')}${orNull(option)}`;
    default:
      return `${describeNumber(option)}${orNull(option)}`;
  }
}

/** ', which would take about 400 GB of memory' of a number above the most of an option that says so. */
export function describeCost(option: Option, value: unknown): string {
  if (option.kind !== 'number' && option.kind !== 'integer') return '';
  const { bytes, max } = option;
  if (bytes === undefined || max === undefined || typeof value !== 'number') return '';
  return value > max ? `, which would take about ${formatBytes(value * bytes)} of memory` : '';
}

function orNull(option: Option): string {
  const isOptional = option.kind === 'plugin' ? option.optional : option.default === null;
  return isOptional ? ', or null' : '';
}

function describeNumber(option: NumberOption): string {
  const bounds: string[] = [];
  if (option.min !== undefined) bounds.push(`at least ${option.min}`);
  if (option.above !== undefined) bounds.push(`above ${option.above}`);
  if (option.max !== undefined) bounds.push(`at most ${option.max}`);
  if (option.below !== undefined) bounds.push(`below ${option.below}`);
  const noun = option.kind === 'integer' ? 'a whole number' : 'a finite number';
  return `${noun}${bounds.length > 0 ? ` ${bounds.join(' and ')}` : ''}`;
}

/** An option as it is listed for people: where it is, what it is, what it may be. */
export interface ListedOption {
  /** 'weighting', and for an option of what is named there 'weighting.gamma'. */
  readonly path: string;
  /** The value; of a variant or a plug-in its name. */
  readonly value: Json;
  readonly allowed: string;
  readonly doc: string;
}

/**
 * Lists options with their values, those of named alternatives and plug-ins after each.
 *
 * @param config stored options, with every default filled in
 */
export function listOptions(
  specs: OptionSpecs,
  config: JsonObject,
  plugins?: PluginSource,
): ListedOption[] {
  return Object.entries(specs).flatMap(([key, option]): ListedOption[] => {
    const { doc } = option;
    const allowed = describeOption(option, plugins);
    const value = own(config, key) ?? null;
    const given = isNaming(option) ? takeApart(option, value) : undefined;
    if (!isNaming(option) || given === undefined) return [{ path: key, value, allowed, doc }];
    const inner = named(option, given.name, plugins);
    return [
      { path: key, value: given.name, allowed, doc },
      ...listOptions(inner?.options ?? {}, given.options as JsonObject, plugins).map((item) => ({
        ...item,
        path: `${key}.${item.path}`,
      })),
    ];
  });
}
