import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of an installed package, by the address of its entry: it may not export its manifest. */
export function packageFolder(entry) {
  let folder = dirname(fileURLToPath(entry));
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    // Folders within a package may have a manifest of their own, without a version.
    if (manifestOf(folder)?.version !== undefined) return folder;
  }
  throw new Error(`${entry}: no package.json with a version above it`);
}

/** The version of an installed package. */
export function versionOf(name) {
  return manifestOf(packageFolder(import.meta.resolve(name))).version;
}

function manifestOf(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
