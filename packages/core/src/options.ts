import { nearestName, TweedieError } from './errors.js';
import type { Json, JsonObject } from './json.js';

interface Described {
  /** One line, shown in help texts and playground controls. */
  readonly doc: string;
}
export interface NumberOption extends Described {
  readonly kind: 'number' | 'integer';
  readonly default: number | null;
  /** Inclusive bounds. */
  readonly min?: number;
  readonly max?: number;
  /** The bound itself is not allowed. */
  readonly above?: number;
  readonly below?: number;
}
export interface BooleanOption extends Described {
  readonly kind: 'boolean';
  readonly default: boolean;
}
export interface TextOption extends Described {
  readonly kind: 'text';
  readonly default: string | null;
}
export interface ChoiceOption<Choice extends string = string> extends Described {
  readonly kind: 'choice';
  readonly default: Choice;
  readonly choices: readonly Choice[];
}
export interface ListOption extends Described {
  readonly kind: 'numbers' | 'texts';
  readonly default: readonly (number | string)[] | null;
}
export type Option = NumberOption | BooleanOption | TextOption | ChoiceOption | ListOption;
export type OptionSpecs = Readonly<Record<string, Option>>;

type Nullable<Spec extends { default: unknown }, Value> = null extends Spec['default']
  ? Value | null
  : Value;

/** The value that an option has once resolved. */
export type OptionValue<Spec extends Option> =
  Spec extends ChoiceOption<infer Choice>
    ? Choice
    : Spec extends { kind: 'number' | 'integer'; default: number | null }
      ? Nullable<Spec, number>
      : Spec extends BooleanOption
        ? boolean
        : Spec extends TextOption
          ? Nullable<Spec, string>
          : Spec extends { kind: 'numbers'; default: unknown }
            ? Nullable<Spec, readonly number[]>
            : Spec extends { kind: 'texts'; default: unknown }
              ? Nullable<Spec, readonly string[]>
              : never;

/** All options of a declaration, resolved: each has a value. */
export type Options<Specs extends OptionSpecs> = {
  readonly [Key in keyof Specs]: OptionValue<Specs[Key]>;
};
/** What a caller passes: any of the options. */
export type OptionsInput<Specs extends OptionSpecs> = {
  readonly [Key in keyof Specs]?: OptionValue<Specs[Key]> | undefined;
};

type NumberBounds = Pick<NumberOption, 'min' | 'max' | 'above' | 'below'>;

/** A finite number. `default: null` makes it optional without a value. */
export function number<Default extends number | null>(
  spec: { default: Default; doc: string } & NumberBounds,
): NumberOption & { kind: 'number'; default: Default extends null ? null : number } {
  return { kind: 'number', ...spec } as never;
}

/** A whole number. */
export function integer<Default extends number | null>(
  spec: { default: Default; doc: string } & NumberBounds,
): NumberOption & { kind: 'integer'; default: Default extends null ? null : number } {
  return { kind: 'integer', ...spec } as never;
}

export function boolean(spec: { default: boolean; doc: string }): BooleanOption {
  return { kind: 'boolean', ...spec };
}

export function text<Default extends string | null>(spec: {
  default: Default;
  doc: string;
}): TextOption & { default: Default extends null ? null : string } {
  return { kind: 'text', ...spec } as never;
}

/** One of a few names. */
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  spec: { default: NoInfer<Choice>; doc: string },
): ChoiceOption<Choice> {
  return { kind: 'choice', choices, ...spec };
}

/** A list of finite numbers. */
export function numbers<Default extends readonly number[] | null>(spec: {
  default: Default;
  doc: string;
}): ListOption & { kind: 'numbers'; default: Default extends null ? null : readonly number[] } {
  return { kind: 'numbers', ...spec } as never;
}

/** A list of names. */
export function texts<Default extends readonly string[] | null>(spec: {
  default: Default;
  doc: string;
}): ListOption & { kind: 'texts'; default: Default extends null ? null : readonly string[] } {
  return { kind: 'texts', ...spec } as never;
}

/** What an option allows, in words. */
export function describeOption(option: Option): string {
  const orNothing = option.default === null ? ', or null' : '';
  switch (option.kind) {
    case 'boolean':
      return 'true or false';
    case 'text':
      return `a text${orNothing}`;
    case 'choice':
      return `one of ${option.choices.join(', ')}`;
    case 'numbers':
      return `a list of finite numbers${orNothing}`;
    case 'texts':
      return `a list of texts${orNothing}`;
    default: {
      const bounds: string[] = [];
      if (option.min !== undefined) bounds.push(`at least ${option.min}`);
      if (option.above !== undefined) bounds.push(`above ${option.above}`);
      if (option.max !== undefined) bounds.push(`at most ${option.max}`);
      if (option.below !== undefined) bounds.push(`below ${option.below}`);
      const noun = option.kind === 'integer' ? 'a whole number' : 'a finite number';
      return `${noun}${bounds.length > 0 ? ` ${bounds.join(' and ')}` : ''}${orNothing}`;
    }
  }
}

function allows(option: Option, value: unknown): boolean {
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
function speaker(owner: string): readonly [packageName: string, subject: string] {
  const [packageName = owner, ...rest] = owner.split(' ');
  return [packageName, rest.length > 0 ? `${rest.join(' ')}: ` : ''];
}

/**
 * Checks options against their declaration and fills in the defaults.
 *
 * @param owner who asks, as 'package' or 'package name': 'samplers ddim'; begins the error message
 * @returns the options, frozen, each with a value
 * @throws TweedieError INVALID_OPTION for an unknown name or a value outside the declaration
 */
export function resolveOptions<Specs extends OptionSpecs>(
  owner: string,
  specs: Specs,
  input: OptionsInput<Specs> | JsonObject = {},
): Options<Specs> {
  const [packageName, subject] = speaker(owner);
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: packageName,
      given: `${subject}the options are ${show(input)}`,
      allowed: 'an object of options',
    });
  }
  const names = Object.keys(specs);
  for (const key of Object.keys(input)) {
    if (names.includes(key)) continue;
    const near = nearestName(key, names);
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: packageName,
      given: `${subject}there is no option '${key}'`,
      allowed: names.length > 0 ? names.join(', ') : 'no options',
      ...(near === undefined ? {} : { fix: `did you mean '${near}'` }),
    });
  }
  const resolved: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(specs)) {
    const value = (input as Record<string, unknown>)[key];
    const given = value === undefined ? option.default : value;
    if (!allows(option, given)) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: packageName,
        given: `${subject}${key} is ${show(given)}`,
        allowed: describeOption(option),
      });
    }
    resolved[key] = Array.isArray(given) ? Object.freeze([...given]) : given;
  }
  return Object.freeze(resolved) as Options<Specs>;
}

/**
 * Reads an option from the text of a command-line flag or form field; lists are separated by
 * commas, 'null' is no value.
 *
 * @param owner who asks, as for `resolveOptions`
 * @throws TweedieError INVALID_OPTION when the text does not read as such a value
 */
export function parseOption(owner: string, name: string, option: Option, given: string): Json {
  let value: unknown = given;
  if (given === 'null') value = null;
  else if (option.kind === 'number' || option.kind === 'integer') {
    value = given.trim() === '' ? Number.NaN : Number(given);
  } else if (option.kind === 'boolean')
    value = given === 'true' ? true : given === 'false' ? false : given;
  else if (option.kind === 'numbers') {
    value = given.split(',').map((item) => (item.trim() === '' ? Number.NaN : Number(item)));
  } else if (option.kind === 'texts') value = given.split(',').map((item) => item.trim());
  if (!allows(option, value)) {
    const [packageName, subject] = speaker(owner);
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: packageName,
      given: `${subject}${name} is '${given}'`,
      allowed: describeOption(option),
    });
  }
  return value as Json;
}
