import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TweedieError } from '@tweedie/core';
import { createJiti } from 'jiti';
import { type PluginModule, readPluginModule } from 'tweedie';
import { placeIn, rememberPlugin } from './plugin-faults.js';

/** Names that the configuration of a working directory may have. */
const configNames = ['ts', 'mts', 'mjs', 'js'].map((extension) => `tweedie.config.${extension}`);

/**
 * What plug-ins import of these is what this command runs, wherever they are: so nothing is there
 * twice, and a plug-in in a folder without node_modules finds it too. Other packages are found from the
 * plug-in's own folder: backends and `@tweedie/testing`, which a plug-in needs in its tests alone, and
 * those that no command needs.
 */
async function sharedModules(): Promise<Record<string, unknown>> {
  return {
    '@tensorflow/tfjs-core': await import('@tensorflow/tfjs-core'),
    '@tweedie/autodiff': await import('@tweedie/autodiff'),
    '@tweedie/core': await import('@tweedie/core'),
    '@tweedie/data': await import('@tweedie/data'),
    '@tweedie/data/node': await import('@tweedie/data/node'),
    '@tweedie/denoisers': await import('@tweedie/denoisers'),
    '@tweedie/export': await import('@tweedie/export'),
    '@tweedie/losses': await import('@tweedie/losses'),
    '@tweedie/networks': await import('@tweedie/networks'),
    '@tweedie/plots': await import('@tweedie/plots'),
    '@tweedie/samplers': await import('@tweedie/samplers'),
    '@tweedie/schedules': await import('@tweedie/schedules'),
    '@tweedie/training': await import('@tweedie/training'),
    '@tweedie/training/node': await import('@tweedie/training/node'),
    tweedie: await import('tweedie'),
    'tweedie/node': await import('tweedie/node'),
  };
}

/** Whether a folder, or one that it is in, holds a run: what is there is data, not to be executed. */
function isInRun(folder: string): boolean {
  try {
    const { format } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    if (String(format).startsWith('tweedie-run')) return true;
  } catch {
    // No configuration of a run here.
  }
  const parent = dirname(folder);
  return parent !== folder && isInRun(parent);
}

/** Where a module of plug-ins is: a path of a file, or the name of a package. */
function locate(module: string, folder: string): string {
  const path = resolve(folder, module);
  if (existsSync(path)) return path;
  if (!/^[./~]|\.[cm]?[jt]s$|\\/.test(module)) return module;
  throw new TweedieError({
    code: 'MISSING_DATA',
    package: 'cli',
    given: `there is no file '${module}' to take plug-ins from`,
    allowed: 'a file or an installed package',
  });
}

/** The first line of a message, without the full stop that an error adds. */
function firstLine(message: string): string {
  return message.split('\n')[0]!.trim().replace(/\.$/, '');
}

async function importModule(module: string, location: string, folder: string): Promise<unknown> {
  const jiti = createJiti(join(folder, 'tweedie.config.ts'), {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    virtualModules: await sharedModules(),
  });
  let filename = location;
  try {
    filename = fileURLToPath(jiti.esmResolve(location));
    rememberPlugin({ module, filename });
    // Always translated, not imported as it is, so that what it imports of Tweedie is shared.
    const options = { filename, async: true, forceTranspile: true };
    const exported = await jiti.evalModule(readFileSync(filename, 'utf8'), options);
    return (exported as { readonly default?: unknown }).default;
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    const isMissing =
      location === module &&
      code?.includes('MODULE_NOT_FOUND') === true &&
      message.includes(`'${module}'`);
    const place = placeIn(filename, cause);
    throw new TweedieError({
      code: isMissing ? 'MISSING_DATA' : 'INVALID_VALUE',
      package: 'cli',
      given: isMissing
        ? `there is no package '${module}' to take plug-ins from`
        : `plug-ins of '${module}' cannot be imported: ${firstLine(message)}${place === undefined ? '' : ` (${place})`}`,
      ...(isMissing ? { fix: `install it in ${folder}` } : {}),
      cause,
    });
  }
}

/** Modules of plug-ins, and what the user should be told of them. */
interface LoadedPlugins {
  readonly modules: readonly PluginModule[];
  readonly notes: readonly string[];
}

/**
 * Imports the plug-ins of `tweedie.config.*` in the working directory, and those that the user asks for.
 * Nothing else is imported: neither what a run folder names nor a configuration inside one.
 *
 * @param asked files or packages, as `--plugin` has them
 * @throws TweedieError MISSING_DATA, INVALID_VALUE
 */
export async function loadPlugins(
  asked: readonly string[],
  folder = process.cwd(),
): Promise<LoadedPlugins> {
  const notes: string[] = [];
  const found = configNames.filter((name) => existsSync(join(folder, name)));
  if (found.length > 1) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'cli',
      given: `the working directory has ${found.join(' and ')}`,
      allowed: 'one of them',
    });
  }
  const names = [...asked];
  for (const name of found) {
    if (asked.some((module) => resolve(folder, module) === join(folder, name))) continue;
    if (isInRun(folder)) {
      notes.push(`${name} is inside a run folder and is not read; --plugin ${name} would read it`);
    } else {
      names.unshift(name);
    }
  }
  const modules: PluginModule[] = [];
  for (const name of names) {
    const location = locate(name, folder);
    modules.push(readPluginModule(name, await importModule(name, location, folder)));
  }
  return { modules, notes };
}
