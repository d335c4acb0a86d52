import { nearestName, TweedieError } from './errors.js';
import type { JsonObject } from './json.js';
import {
  type AnyFactory,
  type Factory,
  type MadeBy,
  type OptionSpecs,
  type Options,
  type OptionsInput,
  optionsConfig,
  type PluginSource,
  resolveOptions,
} from './options/index.js';

/**
 * Declares a plug-in: a name, one line of documentation, its options, and how to make it from
 * resolved options. What is made carries `name` and `config`, so that name and options alone
 * rebuild it.
 *
 * @param definition.owner the package that defines it, for error messages
 * @param definition.source where the idea is from, for documentation: 'Ho et al. 2020'
 * @param definition.upgrade how options that an earlier version stored read today; it gets any stored
 * options, and returns those of today as they are
 * @example
 * export const constant = defineFactory({
 *   owner: 'schedules', id: 'constant', doc: 'one noise level for all times',
 *   options: { sigma: number({ default: 1, above: 0, doc: 'the noise level' }) },
 *   create: ({ sigma }) => ({ time: …, alpha: () => 1, sigma: () => sigma }),
 * });
 */
export function defineFactory<
  const Specs extends OptionSpecs,
  Body extends object,
  const Id extends string,
>(definition: {
  readonly owner: string;
  readonly id: Id;
  readonly doc: string;
  readonly source?: string;
  readonly options: Specs;
  create(options: Options<Specs>): Body;
  upgrade?(stored: JsonObject): JsonObject;
}): Factory<Body & { readonly name: string; readonly config: JsonObject }, Specs, Id> {
  const { owner, id, doc, source, options, create, upgrade } = definition;
  const make = (input: OptionsInput<Specs> | JsonObject, plugins?: PluginSource) => {
    const speaker = `${owner} ${id}`;
    const config = optionsConfig(speaker, options, input, plugins);
    // Defined by descriptor, so that getters of the body stay getters.
    const made: unknown = create(resolveOptions(speaker, options, input, plugins));
    if (typeof made !== 'object' || made === null || made instanceof Promise) {
      throw new TweedieError({
        code: 'INVALID_VALUE',
        package: owner,
        given: `create of the plug-in '${id}' returned ${made instanceof Promise ? 'a promise' : made}`,
        allowed: 'the object that implements the plug-in',
      });
    }
    return Object.defineProperties(made, {
      name: { value: id, enumerable: true },
      config: { value: config, enumerable: true },
    });
  };
  const factory = (input?: OptionsInput<Specs>) => make(input ?? {});
  return Object.assign(factory, {
    id,
    doc,
    options,
    create: (stored: JsonObject, plugins: PluginSource) =>
      make(upgrade?.(stored) ?? stored, plugins),
    ...(source && { source }),
    ...(upgrade && { upgrade }),
  }) as never;
}

/** Kinds of plug-ins and the factories of each. */
export type Catalog = Readonly<Record<string, readonly AnyFactory[]>>;

/** Looks plug-ins up by kind and name; made from factories, never changed. */
export interface Registry<Kinds extends Catalog> {
  names(kind: keyof Kinds & string): readonly string[];
  kinds(): readonly (keyof Kinds & string)[];
  factories<Kind extends keyof Kinds & string>(kind: Kind): Kinds[Kind];
  /** @throws TweedieError UNKNOWN_NAME */
  factory<Kind extends keyof Kinds & string>(kind: Kind, name: string): Kinds[Kind][number];
  /**
   * Makes a plug-in from stored options, also of earlier versions; plug-ins among its options are
   * looked up here.
   *
   * @throws TweedieError UNKNOWN_NAME, INVALID_OPTION; what the registry's `check` throws
   */
  create<Kind extends keyof Kinds & string>(
    kind: Kind,
    name: string,
    options?: JsonObject,
  ): MadeBy<Kinds[Kind][number]>;
  /** What options of plug-ins are looked up in. */
  readonly plugins: PluginSource;
}

/**
 * A registry of plug-ins; a later factory of the same kind and name takes the place of an earlier,
 * so `[...builtIn, mine]` lets a user override.
 *
 * @param check throws where what a factory has made is no plug-in of its kind
 */
export function createRegistry<const Kinds extends Catalog>(
  kinds: Kinds,
  check: (kind: keyof Kinds & string, made: { readonly name: string }) => void = () => {},
): Registry<Kinds> {
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
      suggestion: near,
    });
  };
  const plugins: PluginSource = (kind) => [...(byKind.get(kind)?.values() ?? [])];
  return {
    kinds: () => [...byKind.keys()] as never,
    names: (kind) => [...table(kind).keys()],
    factories: (kind) => [...table(kind).values()] as never,
    factory: (kind, name) => lookUp(kind, name) as never,
    create(kind, name, options = {}) {
      const made = lookUp(kind, name).create(options, plugins);
      check(kind, made as { readonly name: string });
      return made as never;
    },
    plugins,
  };
}
