import { mkdtemp, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TweedieError } from '@tweedie/core';
import { makeFolders } from '@tweedie/training/node';

/**
 * Makes the folder and proves that it can be written to, before what is to be written there is.
 *
 * @throws TweedieError IO
 */
export async function prepareFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
    await rmdir(await mkdtemp(join(path, '.tweedie-')));
  } catch (cause) {
    throw new TweedieError({
      code: 'IO',
      package: 'cli',
      given: `the folder '${path}' cannot be written to (${(cause as Error).message})`,
      fix: 'name a folder that you may write to with --out',
      cause,
    });
  }
}
