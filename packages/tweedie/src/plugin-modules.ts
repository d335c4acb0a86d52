import {
  type AnyFactory,
  type ErrorDetails,
  type Json,
  nearestName,
  recordOf,
  TweedieError,
} from '@tweedie/core';
import type { Recipe } from './recipes.js';
import { createTweedieRegistry, type TweedieCatalog, type TweedieRegistry } from './registry.js';
import type { NeededModule, RunConfig } from './run-config-form.js';

/** Plug-ins and recipes from outside: the default export of a plug-in module or `tweedie.config.ts`. */
export interface TweedieConfig {
  /** Factories by kind, as `createTweedieRegistry` takes them. */
  readonly plugins?: Partial<TweedieCatalog>;
  readonly recipes?: readonly Recipe[];
}

/**
 * Types the default export of a plug-in module or of `tweedie.config.ts`.
 *
 * @example
 * export default defineConfig({ plugins: { sampler: [mySampler] } });
 */
export function defineConfig(config: TweedieConfig): TweedieConfig {
  return config;
}

/** A module of plug-ins, by the name that it was asked for. */
export interface PluginModule extends Required<TweedieConfig> {
  readonly module: string;
}

function refuse(
  module: string,
  given: string,
  allowed: string,
  help: Pick<ErrorDetails, 'fix' | 'suggestion'> = {},
): never {
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'tweedie',
    given: `plug-ins of '${module}': ${given}`,
    allowed,
    ...help,
  });
}

/** What a value is, for a message. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object' && typeof value !== 'function') return `'${String(value)}'`;
  const { id, name } = value as { readonly id?: unknown; readonly name?: unknown };
  const known = typeof id === 'string' ? id : name;
  const noun = typeof value === 'function' ? 'the function' : 'the object';
  return typeof known === 'string' && known !== ''
    ? `${noun} '${known}'`
    : `${noun} without a name`;
}

function checkFactory(module: string, kind: string, value: unknown): AnyFactory {
  if (typeof value === 'function') {
    const { id, doc, options } = value as Partial<AnyFactory>;
    if (typeof id === 'string' && typeof doc === 'string' && typeof options === 'object') {
      return value as AnyFactory;
    }
    return refuse(
      module,
      `${kind} has ${describe(value)}, which declares no id, doc and options`,
      'factories, as defineFactory and defineSampler make them',
      { fix: 'if it is a function that makes a factory, call it' },
    );
  }
  const isMade = typeof value === 'object' && value !== null && 'config' in value;
  return refuse(
    module,
    `${kind} has ${describe(value)}${isMade ? ', which a factory has made' : ''}`,
    'factories, as defineFactory and defineSampler make them',
    isMade ? { fix: 'give the factory itself, without calling it' } : {},
  );
}

/**
 * Checks what a module of plug-ins exports by default.
 *
 * @param module the name that it was asked for
 * @throws TweedieError INVALID_VALUE when it holds no plug-ins, or something else in their place
 */
export function readPluginModule(module: string, exported: unknown): PluginModule {
  const allowed = 'export default defineConfig({ plugins: { KIND: [factory, …] }, recipes: […] })';
  if (exported === undefined) refuse(module, 'it has no default export', allowed);
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported)) {
    refuse(module, `its default export is ${describe(exported)}`, allowed);
  }
  const { plugins = {}, recipes = [], ...others } = exported as Readonly<Record<string, unknown>>;
  const kinds = createTweedieRegistry().kinds();
  const [other] = Object.keys(others);
  if (other !== undefined) {
    const isKind = nearestName(other, kinds) !== undefined;
    refuse(
      module,
      `its default export has '${other}'`,
      'plugins, recipes',
      isKind ? { fix: `write plugins: { ${nearestName(other, kinds)}: […] }` } : {},
    );
  }
  if (typeof plugins !== 'object' || plugins === null || Array.isArray(plugins)) {
    refuse(module, `plugins is ${describe(plugins)}`, allowed);
  }
  for (const [kind, factories] of Object.entries(plugins)) {
    if (!(kinds as readonly string[]).includes(kind)) {
      const suggestion = nearestName(kind, kinds);
      refuse(module, `there is no kind of plug-in '${kind}'`, kinds.join(', '), { suggestion });
    }
    if (!Array.isArray(factories)) {
      refuse(module, `${kind} is ${describe(factories)}`, 'a list of factories');
    }
    for (const factory of factories) checkFactory(module, kind, factory);
  }
  const isRecipe = (value: unknown): value is Recipe =>
    typeof value === 'object' && value !== null && 'id' in value && 'config' in value;
  if (!Array.isArray(recipes) || !recipes.every(isRecipe)) {
    refuse(module, 'recipes holds something else', 'a list of { id, doc, config }');
  }
  if (Object.values(plugins).flat().length + recipes.length === 0) {
    refuse(module, 'there are none', allowed);
  }
  return { module, plugins, recipes };
}

/** The plug-ins of several modules by kind, as `createTweedieRegistry` takes them; a later one wins. */
export function combinePlugins(modules: readonly PluginModule[]): Partial<TweedieCatalog> {
  const combined = recordOf<AnyFactory[]>();
  for (const { plugins } of modules) {
    for (const [kind, factories] of Object.entries(plugins)) {
      combined[kind] = [...(combined[kind] ?? []), ...(factories ?? [])];
    }
  }
  return combined as Partial<TweedieCatalog>;
}

/** A line for each plug-in of the modules that takes the place of another of its kind and name. */
export function replacedPlugins(
  modules: readonly PluginModule[],
  builtIn: TweedieRegistry,
): readonly string[] {
  const givenBy = new Map<string, string>();
  for (const kind of builtIn.kinds()) {
    for (const name of builtIn.names(kind)) givenBy.set(`${kind} ${name}`, 'Tweedie');
  }
  const lines: string[] = [];
  for (const { module, plugins } of modules) {
    for (const use of namesOf(plugins)) {
      const before = givenBy.get(use);
      if (before !== undefined) lines.push(`${use} of ${module} takes the place of ${before}'s`);
      givenBy.set(use, module);
    }
  }
  return lines;
}

/** 'sampler heun' for each. */
function namesOf(plugins: Partial<TweedieCatalog>): string[] {
  return Object.entries(plugins).flatMap(([kind, factories]) =>
    (factories ?? []).map(({ id }) => `${kind} ${id}`),
  );
}

/**
 * Every plug-in that a configuration names, at any depth: 'sampler ddim', and where the key is not a
 * kind (an option that is a plug-in), the name with each kind.
 */
function namedPlugins(config: RunConfig): ReadonlySet<string> {
  const kinds: readonly string[] = createTweedieRegistry().kinds();
  const named = new Set<string>();
  const walk = (key: string, value: Json): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) walk(key, item);
      return;
    }
    const { name, options } = value as Readonly<Record<string, Json>>;
    if (typeof name === 'string' && options !== undefined) {
      for (const kind of kinds.includes(key) ? [key] : kinds) named.add(`${kind} ${name}`);
    }
    for (const [inner, item] of Object.entries(value)) walk(inner, item);
  };
  const { plugins: _stored, ...choices } = config;
  walk('', choices);
  return named;
}

/** The modules whose plug-ins a configuration names, for its `plugins`. */
export function neededModules(
  config: RunConfig,
  modules: readonly PluginModule[],
): readonly NeededModule[] {
  const named = namedPlugins(config);
  // Of two modules with a plug-in of one name, the later one's is used.
  const givenBy = new Map<string, string>();
  for (const { module, plugins } of modules) {
    for (const use of namesOf(plugins)) givenBy.set(use, module);
  }
  return modules.flatMap(({ module, plugins }) => {
    const uses = namesOf(plugins).filter((use) => named.has(use) && givenBy.get(use) === module);
    return uses.length === 0 ? [] : [{ module, uses }];
  });
}

/**
 * Refuses a stored configuration whose plug-ins from outside are not there. The modules that it names
 * are told to the user and never imported: a run folder is data.
 *
 * @param stored the `plugins` of the configuration
 * @throws TweedieError UNKNOWN_NAME, which says what to pass; INVALID_VALUE when it is something else
 */
export function requireModules(stored: Json | undefined, modules: readonly PluginModule[]): void {
  if (stored === undefined) return;
  if (!Array.isArray(stored) || !stored.every(isNeededModule)) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'tweedie',
      given: "the stored configuration's plugins are something else",
      allowed: 'a list of { module, uses }',
    });
  }
  const given = new Set(modules.flatMap(({ plugins }) => namesOf(plugins)));
  const missing = stored
    .map(({ module, uses }) => ({ module, uses: uses.filter((use) => !given.has(use)) }))
    .filter(({ uses }) => uses.length > 0);
  if (missing.length === 0) return;
  throw new TweedieError({
    code: 'UNKNOWN_NAME',
    package: 'tweedie',
    given: `the run needs plug-ins that are not loaded: ${missing.map(({ module, uses }) => `${uses.join(', ')} of '${module}'`).join('; ')}`,
    fix: `pass ${missing.map(({ module }) => `--plugin ${module}`).join(' ')}, or where they are now, if you trust them`,
  });
}

function isNeededModule(value: Json): value is NeededModule {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { module, uses } = value as Readonly<Record<string, Json>>;
  return (
    typeof module === 'string' &&
    Array.isArray(uses) &&
    uses.every((use) => typeof use === 'string')
  );
}
