import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type JsonObject, TweedieError } from '@tweedie/core';
import type { TrainingState } from '../training-state.js';
import { isTemporaryFile, removeTemporaryFiles, writeFileAtomic } from './atomic-file.js';
import { listCheckpoints, saveCheckpoint } from './checkpoint-folder.js';
import { withIo } from './io-error.js';
import { makeFolders } from './make-folders.js';
import { type MetricsRecord, openMetrics } from './metrics-file.js';
import { refuseLinks } from './regular-file.js';
import { isLockFile, lockRunFolder } from './run-lock.js';
import {
  checkRunConfig,
  encodeRunConfig,
  readConfigFile,
  readStoredRun,
  runPaths,
  type StoredRunOptions,
} from './stored-run.js';

export interface RunFolderOptions extends StoredRunOptions {
  /** Go on with the run that is there; without one, start it. */
  readonly resume?: boolean | undefined;
  /** Checkpoints that stay, the newest ones; default 2. */
  readonly keep?: number | undefined;
}

/** An open run folder. No other process writes it until it is closed or this process ends. */
export interface RunFolder {
  readonly path: string;
  readonly paths: ReturnType<typeof runPaths>;
  /** What a resumed run goes on from; undefined when it starts from the beginning. */
  readonly initial: TrainingState | undefined;
  /** One line for each checkpoint that was refused, and one where config.json was gone. */
  readonly warnings: readonly string[];
  /** Appends a line to `metrics.jsonl`. */
  appendMetrics(record: MetricsRecord): Promise<void>;
  /**
   * Writes a checkpoint, whole or not at all, and removes old ones. It holds the configuration of the
   * folder.
   *
   * @returns its path
   * @throws TweedieError LOCKED when the lock of the folder was removed; IO
   */
  saveCheckpoint(state: TrainingState): Promise<string>;
  /** Lets other processes write the folder. */
  close(): Promise<void>;
  /**
   * Closes a folder whose run failed. One that was new when it was opened and has neither a checkpoint
   * nor the metrics of a step is removed, so that it is not in the way of the next run.
   */
  discard(): Promise<void>;
}

/**
 * Makes a run folder, or opens one to go on with: `config.json`, `metrics.jsonl`, `checkpoints/`, and
 * `.lock` while it is open. Everything that can be refused is refused before anything is written. On
 * resuming, metrics of steps after the checkpoint are removed, and what a killed run left half-written.
 *
 * @throws TweedieError LOCKED when another process writes it (see `lockRunFolder`); INVALID_VALUE when the
 * folder holds a run and `resume` is not set, or other files; INVALID_OPTION when the configuration differs
 * in what may not change; CORRUPT_FILE when none of its checkpoints is whole, or when config.json is not
 * theirs; IO when it cannot be written, or holds symbolic links
 */
export async function openRunFolder(
  path: string,
  config: JsonObject,
  options: RunFolderOptions = {},
): Promise<RunFolder> {
  const { keep = 2 } = options;
  const paths = runPaths(path);
  if (await inspectFolder(path, options)) {
    const stored = await readConfigFile(path, options.readStored);
    if (stored !== undefined) checkRunConfig(path, stored, config, options.mayChange);
  }
  const made = await withIo(`making the run folder '${path}'`, () => makeFolders(path));
  const removeMade = async () => {
    if (made !== undefined) await removeEmptyFolders(resolve(path), made);
  };
  const lock = await lockRunFolder(path).catch(async (cause) => {
    await removeMade();
    throw cause;
  });
  let isNew = false;
  /** What was written of a new run, while nobody else may write there. */
  const removeParts = async () => {
    for (const part of Object.values(paths)) {
      await rm(part, { recursive: true, force: true }).catch(() => undefined);
    }
  };
  try {
    // Once more, for another process may have written it in the meantime.
    isNew = !(await inspectFolder(path, options));
    const stored = isNew ? undefined : await readStoredRun(path, options);
    if (stored !== undefined) checkRunConfig(path, stored.config, config, options.mayChange);
    const initial = stored?.checkpoint?.state;
    const metrics = await withIo(`making the run folder '${path}'`, async () => {
      await writeFileAtomic(paths.config, encodeRunConfig(config));
      await makeFolders(paths.checkpoints);
      await removeTemporaryFiles(path);
      await removeTemporaryFiles(paths.checkpoints);
      return openMetrics(paths.metrics, initial?.step ?? 0);
    });
    return {
      path,
      paths,
      initial,
      warnings: stored?.warnings ?? [],
      appendMetrics: (record) => metrics.append(record),
      async saveCheckpoint(state) {
        await lock.check();
        await refuseLinks([paths.checkpoints]);
        // So that after a power failure no step before the checkpoint lacks its metrics.
        await metrics.sync();
        return saveCheckpoint(paths.checkpoints, { ...state, config }, { keep, ofRun: true });
      },
      close: () => metrics.close().finally(() => lock.release()),
      async discard() {
        try {
          await metrics.close();
          // Where the lock is gone, another process may write the folder.
          if (isNew && (await holdsNothing(paths)) && (await lock.check().then(() => true))) {
            await removeParts();
          }
        } catch {
          // What remains says more than an error of the removal, which would hide the run's.
        } finally {
          await lock.release();
        }
        await removeMade();
      },
    };
  } catch (cause) {
    if (isNew && made !== undefined) await removeParts();
    await lock.release();
    await removeMade();
    throw cause;
  }
}

/**
 * Refuses a folder that a run cannot be written to.
 *
 * @returns whether there is a run
 * @throws TweedieError as `openRunFolder`
 */
async function inspectFolder(path: string, { resume = false }: RunFolderOptions): Promise<boolean> {
  const entries = await entriesOf(path);
  const { checkpoints } = runPaths(path);
  // A checkpoint holds the configuration, so a run is not lost with its config.json.
  const exists =
    entries.includes('config.json') ||
    (entries.includes('checkpoints') && (await listCheckpoints(checkpoints)).length > 0);
  if (exists && !resume) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'training',
      given: `'${path}' already holds a run`,
      fix: 'set resume to go on with it, or choose another folder',
    });
  }
  if (!exists && entries.length > 0) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'training',
      given: `'${path}' holds files and is not a run folder`,
      allowed: 'a folder that does not exist, that is empty, or that holds a run',
      fix: 'choose another folder',
    });
  }
  const written = [...Object.values(runPaths(path)), join(path, 'samples')];
  const pictures = ['samples.png', 'samples.npy'].map((name) => join(path, name));
  await refuseLinks([...written, ...pictures]);
  return exists;
}

/** Whether no step of a run has left anything. */
async function holdsNothing({ metrics, checkpoints }: RunFolder['paths']): Promise<boolean> {
  const saved = (await readdir(checkpoints)).filter((name) => !isTemporaryFile(name));
  return saved.length === 0 && (await stat(metrics)).size === 0;
}

/** Removes folders that were made and hold nothing, from `folder` up to `topmost`. */
async function removeEmptyFolders(folder: string, topmost: string): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    const isEmpty = await rmdir(at).then(
      () => true,
      () => false,
    );
    if (!isEmpty || at === topmost) return;
  }
}

/** What is in a folder, without the lock and files that a killed run was writing. */
async function entriesOf(path: string): Promise<readonly string[]> {
  return withIo(`opening the folder '${path}'`, async () => {
    const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw cause;
    });
    if (found === undefined) return [];
    return (await readdir(path)).filter((name) => !isTemporaryFile(name) && !isLockFile(name));
  });
}
