import { nearestName, TweedieError } from '../errors.js';
import type { Json, JsonObject } from '../json.js';
import type { NamingOption, Option, OptionSpecs, PluginSource } from './declaration.js';
import { describeCost, describeOption } from './describe.js';
import { isNaming, named, namesOf, own, putTogether, takeApart } from './naming.js';
import { allows, speaker } from './resolve.js';

/**
 * Reads an option from the text of a command-line flag or form field; lists are separated by
 * commas, 'null' is no value, and a variant or plug-in is its name, with its own defaults.
 *
 * @param owner who asks, as for `resolveOptions`
 * @throws TweedieError INVALID_OPTION when the text does not read as such a value
 */
export function parseOption(
  owner: string,
  name: string,
  option: Option,
  given: string,
  plugins?: PluginSource,
): Json {
  const read = isNaming(option) ? readName(option, given, plugins) : readValue(option.kind, given);
  if (read !== undefined && (isNaming(option) || allows(option, read))) return read as Json;
  const [packageName, subject] = speaker(owner);
  const near = isNaming(option) ? nearestName(given, namesOf(option, plugins)) : undefined;
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: packageName,
    given: `${subject}${name} is '${given}'${describeCost(option, read)}`,
    allowed: describeOption(option, plugins),
    suggestion: near,
  });
}

function readName(
  option: NamingOption,
  given: string,
  plugins: PluginSource | undefined,
): Json | undefined {
  if (given === 'null') return option.kind === 'plugin' && option.optional ? null : undefined;
  const found = named(option, given, plugins);
  return found && putTogether(option, given, {});
}

function readValue(kind: Option['kind'], given: string): unknown {
  if (given === 'null') return null;
  const asNumber = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));
  switch (kind) {
    case 'number':
    case 'integer':
      return asNumber(given);
    case 'boolean':
      return given === 'true' ? true : given === 'false' ? false : given;
    case 'numbers':
      return given.split(',').map(asNumber);
    case 'texts':
      return given.split(',').map((item) => item.trim());
    default:
      return given;
  }
}

/** Where an option is set: by whom, in which options. */
export interface SetOptionRequest {
  /** Who asks, as for `resolveOptions`. */
  readonly owner: string;
  readonly specs: OptionSpecs;
  /** What is set so far; it is not changed. */
  readonly options: JsonObject;
  /** How paths begin in messages: 'loss.', so that they read 'loss.weighting.gamma'. */
  readonly shown: string;
  readonly plugins?: PluginSource | undefined;
}

/**
 * Sets one option from text by its path: ['eta'] to '0.3', ['weighting'] to 'minSnr', and an option
 * of what is named there, ['weighting', 'gamma'] to '3'. Naming another alternative gives it its
 * defaults; naming the same again keeps its options.
 *
 * @throws TweedieError INVALID_OPTION
 */
export function setOption(
  { owner, specs, options, shown, plugins }: SetOptionRequest,
  path: readonly string[],
  text: string,
): JsonObject {
  const [key = '', ...rest] = path;
  const option = own(specs, key);
  if (option === undefined) throw noOption(owner, key, Object.keys(specs));
  const [packageName] = speaker(owner);
  const given = own(options, key);
  const current = isNaming(option) ? takeApart(option, given ?? option.default) : undefined;
  if (rest.length === 0) {
    if (given !== undefined && current?.name === text) return options;
    return { ...options, [key]: parseOption(packageName, `${shown}${key}`, option, text, plugins) };
  }
  const inner = isNaming(option) && current && named(option, current.name, plugins);
  if (!isNaming(option) || !current || !inner) {
    throw noOption(`${packageName} ${shown}${key}`, rest.join('.'), []);
  }
  const changed = setOption(
    {
      owner: `${packageName} ${shown}${key} ${current.name}`,
      specs: inner.options,
      options: current.options as JsonObject,
      shown: `${shown}${key}.`,
      plugins,
    },
    rest,
    text,
  );
  return { ...options, [key]: putTogether(option, current.name, changed) };
}

function noOption(owner: string, name: string, names: readonly string[]): TweedieError {
  const near = nearestName(name, names);
  const [packageName, ...subject] = owner.split(' ');
  return new TweedieError({
    code: 'INVALID_OPTION',
    package: packageName!,
    given: `${subject.join(' ')} has no option '${name}'`,
    allowed: names.length > 0 ? names.join(', ') : 'no options',
    suggestion: near,
  });
}
