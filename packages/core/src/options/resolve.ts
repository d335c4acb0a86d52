import { nearestName, TweedieError } from '../errors.js';
import { type JsonObject, recordOf } from '../json.js';
import type {
  NamingOption,
  Option,
  OptionSpecs,
  Options,
  OptionsInput,
  PluginOption,
  PluginSource,
  ValueOption,
} from './declaration.js';
import { describeCost, describeOption } from './describe.js';
import {
  factoriesOf,
  isNaming,
  isRecord,
  type Named,
  named,
  namesOf,
  own,
  putTogether,
  takeApart,
} from './naming.js';

/** Whether a value is one that an option allows. */
export function allows(option: ValueOption, value: unknown): boolean {
  if (value === null) return option.default === null;
  switch (option.kind) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'choice':
      return typeof value === 'string' && option.choices.includes(value);
    case 'numbers':
      return Array.isArray(value) && value.every((item) => Number.isFinite(item));
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    default:
      return (
        typeof value === 'number' &&
        Number.isFinite(value) &&
        (option.kind === 'number' || Number.isInteger(value)) &&
        (option.min === undefined || value >= option.min) &&
        (option.max === undefined || value <= option.max) &&
        (option.above === undefined || value > option.above) &&
        (option.below === undefined || value < option.below)
      );
  }
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return JSON.stringify(value) ?? String(value);
}

/** The package of an owner 'package name', and how its messages begin: 'name: '. */
export function speaker(owner: string): readonly [packageName: string, subject: string] {
  const [packageName = owner, ...rest] = owner.split(' ');
  return [packageName, rest.length > 0 ? `${rest.join(' ')}: ` : ''];
}

const store: Place['plugin'] = (option, { name }, config) => putTogether(option, name, config);

/** Who asks, where in the options, and what makes of a named plug-in what is to stand for it. */
interface Place {
  readonly owner: string;
  /** '' or 'weighting.': what the names of options here begin with. */
  readonly path: string;
  readonly plugins: PluginSource | undefined;
  readonly plugin: (option: PluginOption, given: Named, config: JsonObject) => unknown;
}

/**
 * Checks options against their declaration and fills in the defaults; plug-ins among them are made.
 *
 * @param owner who asks, as 'package' or 'package name': 'samplers ddim'; begins the error message
 * @param plugins where named plug-ins are looked up, before those that their option knows
 * @returns the options, frozen, each with a value
 * @throws TweedieError INVALID_OPTION for an unknown name or a value outside the declaration
 */
export function resolveOptions<Specs extends OptionSpecs>(
  owner: string,
  specs: Specs,
  input: OptionsInput<Specs> | JsonObject = {},
  plugins?: PluginSource,
): Options<Specs> {
  const make: Place['plugin'] = (option, { name, options, made }) =>
    made ??
    factoriesOf(option, plugins)
      .get(name)!
      .create(options as JsonObject, plugins ?? (() => []));
  return resolveAll({ owner, path: '', plugins, plugin: make }, specs, input) as Options<Specs>;
}

/**
 * The same as it is stored: plug-ins stay names with options, and nothing is made.
 *
 * @throws TweedieError INVALID_OPTION
 */
export function optionsConfig(
  owner: string,
  specs: OptionSpecs,
  input: object = {},
  plugins?: PluginSource,
): JsonObject {
  return resolveAll({ owner, path: '', plugins, plugin: store }, specs, input) as JsonObject;
}

function refuse(
  { owner }: Place,
  given: string,
  allowed: string,
  near: string | undefined = undefined,
): never {
  const [packageName, subject] = speaker(owner);
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: packageName,
    given: `${subject}${given}`,
    allowed,
    suggestion: near,
  });
}

function resolveAll(place: Place, specs: OptionSpecs, input: unknown): object {
  if (!isRecord(input)) {
    const where = place.path === '' ? '' : ` of ${place.path.slice(0, -1)}`;
    refuse(place, `the options${where} are ${show(input)}`, 'an object of options');
  }
  const names = Object.keys(specs);
  for (const key of Object.keys(input)) {
    if (names.includes(key)) continue;
    refuse(
      place,
      `there is no option '${place.path}${key}'`,
      names.length > 0 ? names.join(', ') : 'no options',
      nearestName(key, names),
    );
  }
  const entries = Object.entries(specs).map(([key, option]): [string, unknown] => {
    const given = own(input, key);
    return [key, resolveOne(place, key, option, given === undefined ? option.default : given)];
  });
  return Object.freeze(recordOf(entries));
}

function resolveOne(place: Place, key: string, option: Option, given: unknown): unknown {
  if (isNaming(option)) return resolveNamed(place, key, option, given);
  if (!allows(option, given)) {
    const cost = describeCost(option, given);
    refuse(place, `${place.path}${key} is ${show(given)}${cost}`, describeOption(option));
  }
  return Array.isArray(given) ? Object.freeze([...given]) : given;
}

function resolveNamed(place: Place, key: string, option: NamingOption, given: unknown): unknown {
  const path = `${place.path}${key}`;
  if (given === null && option.kind === 'plugin' && option.optional) return null;
  const parts = takeApart(option, given);
  const found = parts && named(option, parts.name, place.plugins);
  if (parts === undefined || (found === undefined && parts.made === undefined)) {
    const names = namesOf(option, place.plugins);
    refuse(
      place,
      `${path} is ${show(typeof given === 'object' ? given : (parts?.name ?? given))}`,
      describeOption(option, place.plugins),
      parts && nearestName(parts.name, names),
    );
  }
  const inner = { ...place, path: `${path}.` };
  if (option.kind === 'variant') {
    const options = resolveAll(inner, found!.options, parts.options);
    return Object.freeze(recordOf([['name', parts.name], ...Object.entries(options)]));
  }
  // Options of a plug-in that is made were checked when it was made.
  if (parts.made !== undefined) return place.plugin(option, parts, parts.options as JsonObject);
  const factory = factoriesOf(option, place.plugins).get(parts.name)!;
  const stored = parts.options as JsonObject;
  const options = resolveAll(
    { ...inner, plugin: store },
    factory.options,
    factory.upgrade?.(stored) ?? stored,
  );
  return place.plugin(option, parts, options as JsonObject);
}
