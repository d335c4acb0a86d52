import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withIo } from './io-error.js';

const temporaryName = /^\..+\.tweedie-tmp$/;

/**
 * Writes a file whole or not at all: into a new file of the same folder, with a name that nobody can
 * guess, flushed to the disk, which then takes the file's name. Whatever goes wrong, a file that was there
 * stays as it was. A symbolic link of that name is replaced, not followed.
 *
 * @param content its bytes or text, or pieces of it
 * @throws TweedieError IO
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const folder = dirname(path);
  const suffix = randomBytes(8).toString('hex');
  const temporary = join(folder, `.${basename(path)}.${suffix}.tweedie-tmp`);
  await withIo(`writing '${path}'`, async () => {
    // Exclusively: nothing that has this name is opened, and so nothing else is removed.
    const file = await open(temporary, 'wx');
    try {
      try {
        if (typeof content === 'string' || content instanceof Uint8Array) {
          await file.writeFile(content);
        } else {
          for await (const piece of content) await file.appendFile(piece);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw cause;
    }
    await syncFolder(folder);
  });
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
