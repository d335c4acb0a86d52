import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type JsonObject, TweedieError } from '@tweedie/core';
import { corruptFile } from '../safetensors/corrupt-file.js';
import type { TrainingState } from '../training-state.js';
import { isTemporaryFile, removeTemporaryFiles, writeFileAtomic } from './atomic-file.js';
import { latestCheckpoint, saveCheckpoint } from './checkpoint-folder.js';
import { configDifferences } from './config-difference.js';
import { withIo } from './io-error.js';
import { makeFolders } from './make-folders.js';
import { type MetricsRecord, openMetrics } from './metrics-file.js';

const format = 'tweedie-run-1';

/** Where the parts of a run folder are. */
export function runPaths(folder: string) {
  return {
    config: join(folder, 'config.json'),
    metrics: join(folder, 'metrics.jsonl'),
    checkpoints: join(folder, 'checkpoints'),
  };
}

export interface RunFolderOptions {
  /** Go on with the run that is there; without one, start it. */
  readonly resume?: boolean | undefined;
  /** Checkpoints that stay, the newest ones; default 2. */
  readonly keep?: number | undefined;
  /**
   * Settings in which a resumed run's configuration may differ from the stored one, by dotted path;
   * 'sampling' covers 'sampling.steps'. Default: none.
   */
  readonly mayChange?: readonly string[] | undefined;
  /**
   * Reads the stored configuration of a resumed run, which an earlier version may have written
   * otherwise. Default: as it is.
   */
  readonly readStored?: ((stored: JsonObject) => JsonObject) | undefined;
}

/** An open run folder, which one process writes. */
export interface RunFolder {
  readonly path: string;
  readonly paths: ReturnType<typeof runPaths>;
  /** What a resumed run goes on from; undefined when it starts from the beginning. */
  readonly initial: TrainingState | undefined;
  /** One line for each checkpoint that was refused. */
  readonly warnings: readonly string[];
  /** Appends a line to `metrics.jsonl`. */
  appendMetrics(record: MetricsRecord): Promise<void>;
  /** Writes a checkpoint, whole or not at all, and removes old ones. @returns its path */
  saveCheckpoint(state: TrainingState): Promise<string>;
  close(): Promise<void>;
}

/**
 * Makes a run folder, or opens one to go on with: `config.json`, `metrics.jsonl`, `checkpoints/`.
 * Everything that can be refused is refused before anything is written. On resuming, metrics of steps after the checkpoint are removed, and what a killed run left half-written.
 *
 * @throws TweedieError INVALID_VALUE when the folder holds a run and `resume` is not set, or other
 * files; INVALID_OPTION when the configuration differs in what may not change; CORRUPT_FILE when
 * none of its checkpoints is whole; IO when it cannot be written
 */
export async function openRunFolder(
  path: string,
  config: JsonObject,
  {
    resume = false,
    keep = 2,
    mayChange = [],
    readStored = (stored) => stored,
  }: RunFolderOptions = {},
): Promise<RunFolder> {
  const paths = runPaths(path);
  const entries = await entriesOf(path);
  const exists = entries.includes('config.json');
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
  if (exists) checkConfig(path, readStored(await readRunConfig(path)), config, mayChange);
  const found = exists ? await latestCheckpoint(paths.checkpoints) : undefined;

  const metrics = await createFolder(path, async () => {
    await writeFileAtomic(paths.config, encodeConfig(config));
    await makeFolders(paths.checkpoints);
    await removeTemporaryFiles(path);
    await removeTemporaryFiles(paths.checkpoints);
    return openMetrics(paths.metrics, found?.state.step ?? 0);
  });
  return {
    path,
    paths,
    initial: found?.state,
    warnings: found?.warnings ?? [],
    appendMetrics: (record) => metrics.append(record),
    async saveCheckpoint(state) {
      // So that after a power failure no step before the checkpoint lacks its metrics.
      await metrics.sync();
      return saveCheckpoint(paths.checkpoints, state, { keep });
    },
    close: () => metrics.close(),
  };
}

/**
 * The configuration of a run folder.
 *
 * @throws TweedieError MISSING_DATA when it is not a run folder, CORRUPT_FILE, IO
 */
export async function readRunConfig(folder: string): Promise<JsonObject> {
  const { config: path } = runPaths(folder);
  const content = await withIo(`reading '${path}'`, () =>
    readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw cause;
      throw notARun(folder);
    }),
  );
  let stored: { readonly format?: unknown; readonly config?: JsonObject } | null;
  try {
    stored = JSON.parse(content);
  } catch (cause) {
    throw corruptFile(`'${path}'`, `it is not JSON (${(cause as Error).message})`, cause);
  }
  if (stored?.format !== format || typeof stored.config !== 'object') throw notARun(folder);
  return stored.config;
}

function encodeConfig(config: JsonObject): string {
  return `${JSON.stringify({ format, config }, null, 2)}\n`;
}

function notARun(folder: string): TweedieError {
  return new TweedieError({
    code: 'MISSING_DATA',
    package: 'training',
    given: `'${folder}' is not a run folder`,
    allowed: `a folder with a config.json of the format '${format}'`,
    fix: 'check the path',
  });
}

/** What is in a folder, without files that a killed run was writing; nothing where there is none. */
async function entriesOf(path: string): Promise<readonly string[]> {
  return withIo(`opening the folder '${path}'`, async () => {
    const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw cause;
    });
    if (found === undefined) return [];
    return (await readdir(path)).filter((name) => !isTemporaryFile(name));
  });
}

/** Makes a folder and fills it; when that fails, folders that were made for it are removed again. */
async function createFolder<Result>(path: string, fill: () => Promise<Result>): Promise<Result> {
  const action = `making the run folder '${path}'`;
  const made = await withIo(action, () => makeFolders(path));
  try {
    return await withIo(action, fill);
  } catch (cause) {
    if (made !== undefined) await rm(made, { recursive: true, force: true }).catch(() => undefined);
    throw cause;
  }
}

function checkConfig(
  folder: string,
  stored: JsonObject,
  given: JsonObject,
  mayChange: readonly string[],
): void {
  const refused = configDifferences(stored, given).filter(
    ({ path }) => !mayChange.some((free) => path === free || path.startsWith(`${free}.`)),
  );
  if (refused.length === 0) return;
  const changes = refused.map(
    ({ path, before, after }) => `${path} was ${show(before)} and is ${show(after)}`,
  );
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'training',
    given: `the run in '${folder}' was made with another configuration: ${changes.join(', ')}`,
    allowed: mayChange.length > 0 ? `changes of ${mayChange.join(', ')}` : 'no changes',
    fix: 'go on with the stored settings, or start a run in another folder',
  });
}

function show(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}
