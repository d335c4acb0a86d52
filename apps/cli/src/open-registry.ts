import pc from 'picocolors';
import {
  combinePlugins,
  type PluginModule,
  type Recipe,
  replacedPlugins,
  type TweedieRegistry,
} from 'tweedie';
import { createNodeRegistry } from 'tweedie/node';
import { loadPlugins } from './load-plugins.js';
import { note } from './output.js';

/** All plug-ins and recipes that a command knows. */
export interface OpenRegistry {
  readonly registry: TweedieRegistry;
  /** Recipes from outside. */
  readonly recipes: readonly Recipe[];
  /** Where what is from outside is from. */
  readonly modules: readonly PluginModule[];
}

/**
 * The registry of this command: Tweedie's plug-ins, those of the working directory's
 * `tweedie.config.*`, and those of `--plugin`.
 *
 * @throws TweedieError MISSING_DATA, INVALID_VALUE
 */
export async function openRegistry(flags: {
  readonly plugin?: readonly string[];
}): Promise<OpenRegistry> {
  const { modules, notes } = await loadPlugins(flags.plugin ?? []);
  const replaced = replacedPlugins(modules, createNodeRegistry());
  for (const text of [...notes, ...replaced]) note(`${pc.yellow('note')} ${text}`);
  return {
    registry: createNodeRegistry(combinePlugins(modules)),
    recipes: modules.flatMap(({ recipes }) => recipes),
    modules,
  };
}
