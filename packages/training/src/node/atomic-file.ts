import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ioError } from './io-error.js';

const temporaryName = /^\..+\.tweedie-tmp$/;

/**
 * Writes a file whole or not at all: into a temporary file of the same folder, flushed to the disk,
 * which then takes the file's name. Whatever goes wrong, a file that was there stays as it was.
 *
 * @throws TweedieError IO
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  const suffix = randomBytes(6).toString('hex');
  const temporary = join(folder, `.${basename(path)}.${suffix}.tweedie-tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw ioError(`writing '${path}'`, cause);
  }
}

/** Flushes a rename to the disk. Windows cannot open folders, and flushes renames by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** True for the name of a file that `writeFileAtomic` writes into before it has its own name. */
export function isTemporaryFile(name: string): boolean {
  return temporaryName.test(name);
}

/** Removes what runs that were killed left of files they were writing. */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (isTemporaryFile(name)) await rm(join(folder, name), { force: true });
  }
}
