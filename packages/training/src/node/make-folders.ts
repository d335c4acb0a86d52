import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and the folders above it that are missing. (Node's own recursive mkdir never ends
 * where the system answers ENOENT under a folder that exists, as /proc does.)
 *
 * @returns the topmost folder that was made; undefined when all were there
 */
export async function makeFolders(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await exists(at)); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    await mkdir(folder).catch((cause: NodeJS.ErrnoException) => {
      // Another process may have made it in the meantime.
      if (cause.code !== 'EEXIST') throw cause;
    });
  }
  if (missing.length === 0 && !(await stat(path)).isDirectory()) await mkdir(path);
  return missing[0];
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return false;
      throw cause;
    },
  );
}
