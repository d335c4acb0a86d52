import { TweedieError } from '../errors.js';
import type {
  Alternatives,
  AnyFactory,
  BooleanOption,
  ChoiceOption,
  ListOption,
  NumberOption,
  PluginOption,
  TextOption,
  VariantOption,
} from './declaration.js';

type NumberBounds = Pick<NumberOption, 'min' | 'max' | 'above' | 'below' | 'bytes'>;

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

/**
 * A choice whose alternatives have options of their own. A caller passes a name, or an object of the
 * name and options: 'langevin' or { name: 'langevin', snr: 0.1 }. Once resolved it is such an object,
 * of which TypeScript knows by its name which options it has.
 *
 * @throws TweedieError INVALID_OPTION for an alternative with an option called `name`
 * @example
 * variant(
 *   {
 *     fixed: { doc: 'steps of one size', options: { size: number({ default: 0.1, doc: 'ε' }) } },
 *     decaying: { doc: 'steps that shrink', options: {} },
 *   },
 *   { default: 'fixed', doc: 'how large the steps are' },
 * );
 */
export function variant<const All extends Alternatives>(
  alternatives: All,
  spec: { default: NoInfer<keyof All & string>; doc: string },
): VariantOption<All> {
  for (const [name, { options }] of Object.entries(alternatives)) {
    if (!Object.hasOwn(options, 'name')) continue;
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'core',
      given: `the alternative '${name}' of a variant declares an option called 'name'`,
      allowed: 'any other name: that one holds the name of the alternative',
    });
  }
  return { kind: 'variant', alternatives, ...spec };
}

/**
 * Another plug-in. A caller passes one that is made, `ddim({ eta: 0.3 })`, also one of their own, or
 * names one: 'ddim' or { name: 'ddim', options: { eta: 0.3 } }. Names are those of `known`, and of
 * what the registry that makes the outer plug-in holds of this kind. Once resolved it is the plug-in.
 *
 * @param kind the kind under which a registry holds such plug-ins
 * @param spec.known factories that are found by name without a registry, too; their type is that of
 * the plug-in
 * @param spec.optional whether it may be null, for none; default false
 */
export function plugin<
  const Known extends readonly AnyFactory[],
  const IsOptional extends boolean = false,
>(
  kind: string,
  spec: {
    known: Known;
    default: NoInfer<Known[number]['id'] | (IsOptional extends true ? null : never)>;
    optional?: IsOptional;
    doc: string;
  },
): PluginOption<Known, NoInfer<IsOptional>> {
  return { kind: 'plugin', plugin: kind, optional: false, ...spec } as never;
}
