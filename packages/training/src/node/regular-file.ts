import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { TweedieError } from '@tweedie/core';

/**
 * Opens a file and nothing else: a pipe or a device does not make it wait, and a symbolic link is not
 * followed, unless it is asked to.
 *
 * @param flags as `fs.constants`: O_RDWR, O_APPEND and so on
 * @throws TweedieError IO for what is no file; what the system refuses, as it is
 */
export async function openRegularFile(
  path: string,
  flags: number,
  { followLinks = false }: { readonly followLinks?: boolean } = {},
): Promise<FileHandle> {
  // Windows has neither, nor needs them.
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const all = flags | O_NONBLOCK | (followLinks ? 0 : O_NOFOLLOW);
  const file = await open(path, all).catch(async (cause) => {
    throw !followLinks && (await isLink(path)) ? linkError(path) : cause;
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new TweedieError({
    code: 'IO',
    package: 'training',
    given: `'${path}' is no regular file`,
    fix: 'put a file in its place, or choose another folder',
  });
}

/** All of a file; of what is no file, as `openRegularFile`. Links are followed, for it is only read. */
export async function readRegularFile(path: string): Promise<Buffer> {
  const file = await openRegularFile(path, constants.O_RDONLY, { followLinks: true });
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Refuses symbolic links among what a program writes: a folder that came from elsewhere could name any
 * file of this machine by one.
 *
 * @throws TweedieError IO
 */
export async function refuseLinks(paths: readonly string[]): Promise<void> {
  for (const path of paths) if (await isLink(path)) throw linkError(path);
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

function linkError(path: string): TweedieError {
  return new TweedieError({
    code: 'IO',
    package: 'training',
    given: `'${path}' is a symbolic link, and what a run writes stays in its folder`,
    fix: 'put the file or folder itself in its place, or link to the whole run folder',
  });
}
