import type { Json, JsonObject } from '../json.js';
import type {
  AnyFactory,
  NamingOption,
  Option,
  OptionSpecs,
  PluginOption,
  PluginSource,
  VariantOption,
} from './declaration.js';

export function isNaming(option: Option): option is NamingOption {
  return option.kind === 'variant' || option.kind === 'plugin';
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own property; undefined for what every object inherits, such as 'constructor'. */
export function own<Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The factories that an option's names stand for; one of the registry comes before a known one. */
export function factoriesOf(
  { plugin, known }: PluginOption,
  plugins: PluginSource | undefined,
): ReadonlyMap<string, AnyFactory> {
  return new Map([...known, ...(plugins?.(plugin) ?? [])].map((factory) => [factory.id, factory]));
}

/** The names that an option allows. */
export function namesOf(option: NamingOption, plugins: PluginSource | undefined): string[] {
  return option.kind === 'variant'
    ? Object.keys(option.alternatives)
    : [...factoriesOf(option, plugins).keys()];
}

/** What stands behind a name: its line of documentation and its options. */
export function named(
  option: NamingOption,
  name: string,
  plugins: PluginSource | undefined,
): { readonly doc: string; readonly options: OptionSpecs } | undefined {
  return option.kind === 'variant'
    ? own(option.alternatives, name)
    : factoriesOf(option, plugins).get(name);
}

/** A value of a naming option, taken apart. */
export interface Named {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The plug-in itself, where the caller passed one that is made. */
  readonly made?: object;
}

/** Takes apart what was given; undefined when it has not the form of such a value. */
export function takeApart(option: NamingOption, given: unknown): Named | undefined {
  if (typeof given === 'string') return { name: given, options: {} };
  if (!isRecord(given) || typeof given.name !== 'string') return undefined;
  if (option.kind === 'variant') {
    const { name, ...options } = given;
    return { name: given.name, options };
  }
  if (isRecord(given.config)) return { name: given.name, options: given.config, made: given };
  const { name, options = {}, ...rest } = given;
  if (!isRecord(options) || Object.keys(rest).length > 0) return undefined;
  return { name: given.name, options };
}

/** The form in which a name with its options is stored. */
export function putTogether(
  option: VariantOption | PluginOption,
  name: string,
  options: JsonObject,
): Json {
  return option.kind === 'variant' ? { name, ...options } : { name, options };
}
