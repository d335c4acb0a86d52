import { nearestName, TweedieError } from './errors.js';
import type { JsonObject } from './json.js';
import { type OptionSpecs, type Options, type OptionsInput, resolveOptions } from './options.js';

/**
 * A factory that knows its name and its options: calling it makes the plug-in, reading it makes
 * command-line flags, controls and documentation.
 */
export interface Factory<Made, Specs extends OptionSpecs = OptionSpecs> {
  (options?: OptionsInput<Specs>): Made;
  readonly id: string;
  readonly doc: string;
  /** Where the idea is from: 'Ho et al. 2020'. */
  readonly source?: string;
  readonly options: Specs;
}

/** Any factory of such plug-ins, whatever its options. */
export interface AnyFactory<Made = unknown> {
  // biome-ignore lint/suspicious/noExplicitAny: a registry passes options that it has from JSON.
  (options?: any): Made;
  readonly id: string;
  readonly doc: string;
  readonly source?: string;
  readonly options: OptionSpecs;
}

/**
 * Declares a plug-in: a name, one line of documentation, its options, and how to make it from
 * resolved options. What is made carries `name` and `config`, so that name and options alone
 * rebuild it.
 *
 * @param definition.owner the package that defines it, for error messages
 * @param definition.source where the idea is from, for documentation: 'Ho et al. 2020'
 * @example
 * export const constant = defineFactory({
 *   owner: 'schedules', id: 'constant', doc: 'one noise level for all times',
 *   options: { sigma: number({ default: 1, above: 0, doc: 'the noise level' }) },
 *   create: ({ sigma }) => ({ time: …, alpha: () => 1, sigma: () => sigma }),
 * });
 */
export function defineFactory<const Specs extends OptionSpecs, Body extends object>(definition: {
  readonly owner: string;
  readonly id: string;
  readonly doc: string;
  readonly source?: string;
  readonly options: Specs;
  create(options: Options<Specs>): Body;
}): Factory<Body & { readonly name: string; readonly config: JsonObject }, Specs> {
  const { owner, id, doc, source, options, create } = definition;
  const factory = (input?: OptionsInput<Specs>) => {
    const resolved = resolveOptions(`${owner} ${id}`, options, input ?? {});
    // Defined by descriptor, so that getters of the body stay getters.
    const made = create(resolved);
    return Object.defineProperties(made, {
      name: { value: id, enumerable: true },
      config: { value: resolved, enumerable: true },
    });
  };
  return Object.assign(factory, { id, doc, options, ...(source && { source }) }) as never;
}

/** Kinds of plug-ins and the factories of each. */
export type Catalog = Readonly<Record<string, readonly AnyFactory[]>>;
type MadeBy<F> = F extends (...args: never[]) => infer Made ? Made : never;

/** Looks plug-ins up by kind and name; made from factories, never changed. */
export interface Registry<Kinds extends Catalog> {
  names(kind: keyof Kinds & string): readonly string[];
  kinds(): readonly (keyof Kinds & string)[];
  factories<Kind extends keyof Kinds & string>(kind: Kind): Kinds[Kind];
  /** @throws TweedieError UNKNOWN_NAME */
  factory<Kind extends keyof Kinds & string>(kind: Kind, name: string): Kinds[Kind][number];
  /** @throws TweedieError UNKNOWN_NAME, INVALID_OPTION */
  create<Kind extends keyof Kinds & string>(
    kind: Kind,
    name: string,
    options?: JsonObject,
  ): MadeBy<Kinds[Kind][number]>;
}

/**
 * A registry of plug-ins; a later factory of the same kind and name takes the place of an earlier,
 * so `[...builtIn, mine]` lets a user override.
 */
export function createRegistry<const Kinds extends Catalog>(kinds: Kinds): Registry<Kinds> {
  const byKind = new Map<string, Map<string, AnyFactory>>();
  for (const [kind, factories] of Object.entries(kinds)) {
    byKind.set(kind, new Map(factories.map((factory) => [factory.id, factory])));
  }
  const table = (kind: string): Map<string, AnyFactory> => {
    const found = byKind.get(kind);
    if (found !== undefined) return found;
    throw new TweedieError({
      code: 'UNKNOWN_NAME',
      package: 'core',
      given: `there is no kind of plug-in '${kind}'`,
      allowed: [...byKind.keys()].join(', '),
    });
  };
  const lookUp = (kind: string, name: string): AnyFactory => {
    const known = table(kind);
    const found = known.get(name);
    if (found !== undefined) return found;
    const near = nearestName(name, [...known.keys()]);
    throw new TweedieError({
      code: 'UNKNOWN_NAME',
      package: 'core',
      given: `there is no ${kind} '${name}'`,
      allowed: [...known.keys()].join(', '),
      ...(near === undefined ? {} : { fix: `did you mean '${near}'` }),
    });
  };
  return {
    kinds: () => [...byKind.keys()] as never,
    names: (kind) => [...table(kind).keys()],
    factories: (kind) => [...table(kind).values()] as never,
    factory: (kind, name) => lookUp(kind, name) as never,
    create: (kind, name, options) => lookUp(kind, name)(options) as never,
  };
}
