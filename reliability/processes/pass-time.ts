import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes records that takings of the lock left half-written as old as if two minutes had passed: for so
 * long they may be of a process that is just taking it, and stay.
 */
export async function passTwoMinutes(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const before = new Date(Date.now() - 180_000);
  for (const name of names.filter((one) => /^\.lock\..*\.new$/.test(one))) {
    await utimes(join(folder, name), before, before);
  }
}
