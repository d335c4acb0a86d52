/** What the outcome of a test depends on. */
export type Facts = Readonly<Record<string, string | number>>;

/**
 * The folder for what can be computed again: `TWEEDIE_CACHE`, or `tweedie` in the user's cache
 * folder (XDG_CACHE_HOME, LOCALAPPDATA on Windows, ~/.cache); null where `TWEEDIE_CACHE` is 'off' or
 * the user has no home.
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  const { join } = process.getBuiltinModule('node:path');
  const { homedir } = process.getBuiltinModule('node:os');
  const { TWEEDIE_CACHE: own, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (own === 'off') return null;
  if (own) return own;
  const caches = xdg || (process.platform === 'win32' && local);
  if (caches) return join(caches, 'tweedie');
  try {
    return join(homedir(), '.cache', 'tweedie');
  } catch {
    return null;
  }
}

/**
 * Whether a test passes, by a note of an earlier pass under the same facts where there is one. Only
 * passes are noted: a failure may have had a cause that is gone. A note that cannot be read, or is
 * of other facts, counts for nothing, and one that cannot be written is left.
 *
 * @param folder where notes are kept; null keeps none
 */
export async function cachedPass(
  name: string,
  facts: Facts,
  test: () => Promise<boolean>,
  folder: string | null = cacheFolder(),
): Promise<boolean> {
  if (folder === null) return test();
  const { join } = process.getBuiltinModule('node:path');
  const { readFile } = process.getBuiltinModule('node:fs').promises;
  const note = JSON.stringify({ passed: name, facts }, null, 2);
  const path = join(folder, `${name}-${digestOf(note).slice(0, 16)}.json`);
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known === note) return true;
  const passes = await test();
  if (passes) await write(folder, path, note).catch(() => {});
  return passes;
}

/** Whole or not at all, whoever else writes or stops. */
async function write(folder: string, path: string, note: string): Promise<void> {
  const { mkdir, rename, rm, writeFile } = process.getBuiltinModule('node:fs').promises;
  const { randomUUID } = process.getBuiltinModule('node:crypto');
  const partial = `${path}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(partial, note);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

export function digestOf(content: string | Uint8Array): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}
