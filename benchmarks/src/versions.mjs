import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of an installed package, though the package may not export its manifest. */
export function packageFolder(name) {
  let folder = dirname(fileURLToPath(import.meta.resolve(name)));
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    if (manifestOf(folder)?.name === name) return folder;
  }
  throw new Error(`${name}: no package.json of that name above its entry`);
}

/** The version of an installed package. */
export function versionOf(name) {
  return manifestOf(packageFolder(name)).version;
}

function manifestOf(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
