import type { JsonObject } from '../json.js';

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
  /** Bytes of memory that each one of it takes, so that a value above `max` is refused with an estimate. */
  readonly bytes?: number;
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
/** A choice whose alternatives have options of their own. */
export interface VariantOption<All extends Alternatives = Alternatives> extends Described {
  readonly kind: 'variant';
  /** Name of an alternative, which then has its own defaults. */
  readonly default: keyof All & string;
  readonly alternatives: All;
}
/** Another plug-in. */
export interface PluginOption<
  Known extends readonly AnyFactory[] = readonly AnyFactory[],
  IsOptional extends boolean = boolean,
> extends Described {
  readonly kind: 'plugin';
  /** The kind under which a registry holds such plug-ins: 'sampler'. */
  readonly plugin: string;
  /** Name of a known factory, or null for none. */
  readonly default: string | null;
  /** Factories that are found by name without a registry, too. */
  readonly known: Known;
  /** Whether there may be none: null. */
  readonly optional: IsOptional;
}
/** An option that is one value. */
export type ValueOption = NumberOption | BooleanOption | TextOption | ChoiceOption | ListOption;
/** An option that names something with options of its own. */
export type NamingOption = VariantOption | PluginOption;
export type Option = ValueOption | NamingOption;
export type OptionSpecs = Readonly<Record<string, Option>>;
/** The alternatives of a variant, by name. None of their options is called `name`. */
export type Alternatives = Readonly<
  Record<string, { readonly doc: string; readonly options: OptionSpecs }>
>;

/** A plug-in by name, with the options that are not its defaults: what is stored of it. */
export type PluginChoice = {
  readonly name: string;
  readonly options: JsonObject;
};

/** Plug-ins of a kind that a registry holds; none where it knows no such kind. */
export type PluginSource = (kind: string) => readonly AnyFactory[];

/**
 * A factory that knows its name and its options: calling it makes the plug-in, reading it makes
 * command-line flags, controls and documentation.
 */
export interface Factory<
  Made,
  Specs extends OptionSpecs = OptionSpecs,
  Id extends string = string,
> {
  /** @throws TweedieError INVALID_OPTION */
  (options?: OptionsInput<Specs>): Made;
  readonly id: Id;
  readonly doc: string;
  /** Where the idea is from: 'Ho et al. 2020'. */
  readonly source?: string;
  readonly options: Specs;
  /**
   * Makes the plug-in from stored options, those of earlier versions too; plug-ins among them are
   * found in `plugins`. Registries call this.
   *
   * @throws TweedieError INVALID_OPTION
   */
  create(stored: JsonObject, plugins: PluginSource): Made;
  /** Stored options of an earlier version in today's form; others unchanged. */
  upgrade?(stored: JsonObject): JsonObject;
}

/** Any factory of such plug-ins, whatever its options. */
export interface AnyFactory<Made = unknown> {
  // biome-ignore lint/suspicious/noExplicitAny: a registry passes options that it has from JSON.
  (options?: any): Made;
  readonly id: string;
  readonly doc: string;
  readonly source?: string;
  readonly options: OptionSpecs;
  create(stored: JsonObject, plugins: PluginSource): Made;
  upgrade?(stored: JsonObject): JsonObject;
}
/** What a factory makes. */
export type MadeBy<F> = F extends (...args: never[]) => infer Made ? Made : never;

type Nullable<Spec extends { default: unknown }, Value> = null extends Spec['default']
  ? Value | null
  : Value;
type OrNone<IsOptional, Value> = IsOptional extends false ? Value : Value | null;

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
              : Spec extends VariantOption<infer All>
                ? {
                    [Name in keyof All & string]: { readonly name: Name } & Options<
                      All[Name]['options']
                    >;
                  }[keyof All & string]
                : Spec extends PluginOption<infer Known, infer IsOptional>
                  ? OrNone<IsOptional, MadeBy<Known[number]>>
                  : never;

/** What a caller may pass for an option. */
export type OptionInput<Spec extends Option> =
  Spec extends VariantOption<infer All>
    ?
        | (keyof All & string)
        | {
            [Name in keyof All & string]: { readonly name: Name } & OptionsInput<
              All[Name]['options']
            >;
          }[keyof All & string]
    : Spec extends PluginOption<infer Known, infer IsOptional>
      ? OrNone<IsOptional, MadeBy<Known[number]> | NamedFactory<Known[number]>>
      : OptionValue<Spec>;
type NamedFactory<F> = F extends {
  readonly id: infer Id;
  readonly options: infer Specs extends OptionSpecs;
}
  ? Id | { readonly name: Id; readonly options?: OptionsInput<Specs> }
  : never;

/** All options of a declaration, resolved: each has a value. */
export type Options<Specs extends OptionSpecs> = {
  readonly [Key in keyof Specs]: OptionValue<Specs[Key]>;
};
/** What a caller passes: any of the options. */
export type OptionsInput<Specs extends OptionSpecs> = {
  readonly [Key in keyof Specs]?: OptionInput<Specs[Key]> | undefined;
};
