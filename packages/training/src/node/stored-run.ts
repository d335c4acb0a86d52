import { join } from 'node:path';
import { type Json, type JsonObject, parseJson, TweedieError } from '@tweedie/core';
import { corruptFile } from '../safetensors/corrupt-file.js';
import { type FoundCheckpoint, latestCheckpoint, readCheckpoint } from './checkpoint-folder.js';
import { type ConfigDifference, configDifferences } from './config-difference.js';
import { withIo } from './io-error.js';
import { readRegularFile } from './regular-file.js';

const format = 'tweedie-run-1';

/** Where the parts of a run folder are. */
export function runPaths(folder: string) {
  return {
    config: join(folder, 'config.json'),
    metrics: join(folder, 'metrics.jsonl'),
    checkpoints: join(folder, 'checkpoints'),
  };
}

/** How the configuration of a run folder is read. */
export interface StoredRunOptions<Config extends JsonObject = JsonObject> {
  /**
   * Settings in which configurations of one run may differ, by dotted path; 'sampling' covers
   * 'sampling.steps'. Default: none.
   */
  readonly mayChange?: readonly string[] | undefined;
  /**
   * Checks a stored configuration, and reads one that an earlier version wrote otherwise. Default: as
   * it is.
   */
  readonly readStored?: ((stored: JsonObject) => Config) | undefined;
}

/** What a run folder holds. */
export interface StoredRun<Config extends JsonObject = JsonObject> {
  readonly config: Config;
  /** undefined where there is none yet. */
  readonly checkpoint: FoundCheckpoint | undefined;
  /** One line for each checkpoint that was refused, and for what else the user should know. */
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration of a run folder and its newest whole checkpoint, which holds the
 * configuration too: they have to agree. Where config.json is gone the checkpoint's is taken.
 *
 * @param step the checkpoint of this step; default: the newest that is whole
 * @throws TweedieError MISSING_DATA when it is no run folder or has no such checkpoint; CORRUPT_FILE when
 * config.json or all checkpoints are damaged, or when they do not agree; IO; what `readStored` throws
 */
export async function readStoredRun<Config extends JsonObject = JsonObject>(
  folder: string,
  {
    mayChange = [],
    readStored,
    step,
  }: StoredRunOptions<Config> & { readonly step?: number | undefined } = {},
): Promise<StoredRun<Config>> {
  const paths = runPaths(folder);
  const read = (config: JsonObject, source: string) => readFrom(source, config, readStored);
  const config = await readConfigFile(folder, readStored);
  const checkpoint =
    step === undefined
      ? await latestCheckpoint(paths.checkpoints)
      : await readCheckpoint(paths.checkpoints, step);
  if (config === undefined) {
    if (checkpoint === undefined) throw notARun(folder);
    const { path, state, warnings } = checkpoint;
    const note = `'${folder}' has no config.json; its configuration is that of '${path}'`;
    return { config: read(state.config, path), checkpoint, warnings: [...warnings, note] };
  }
  if (checkpoint === undefined) return { config, checkpoint, warnings: [] };
  const { path, state, ofRun, warnings } = checkpoint;
  if (ofRun) {
    const differences = configDifferences(config, read(state.config, path), mayChange);
    if (differences.length > 0) throw disagreement(folder, path, differences);
    return { config, checkpoint, warnings };
  }
  if (configDifferences(config, readable(state.config, read, path), mayChange).length === 0)
    return { config, checkpoint, warnings };
  // A checkpoint that no run folder of today wrote may say in other words what is trained.
  const note = `'${path}' is of an earlier version, and its configuration is not that of config.json`;
  return { config, checkpoint, warnings: [...warnings, note] };
}

/**
 * The configuration of a run folder, as config.json holds it.
 *
 * @throws TweedieError MISSING_DATA when it is not a run folder, CORRUPT_FILE, IO
 */
export async function readRunConfig(folder: string): Promise<JsonObject> {
  const config = await readConfigFile(folder);
  if (config === undefined) throw notARun(folder);
  return config;
}

/**
 * The same as `readStored` reads it.
 *
 * @returns undefined where there is no config.json
 * @throws TweedieError CORRUPT_FILE, IO; MISSING_DATA for a config.json of another program
 */
export async function readConfigFile<Config extends JsonObject = JsonObject>(
  folder: string,
  readStored?: StoredRunOptions<Config>['readStored'],
): Promise<Config | undefined> {
  const { config: path } = runPaths(folder);
  const content = await withIo(`reading '${path}'`, () =>
    readRegularFile(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw cause;
      return undefined;
    }),
  );
  if (content === undefined) return undefined;
  let stored: Json;
  try {
    stored = parseJson(content.toString('utf8'));
  } catch (cause) {
    throw corruptFile(
      `'${path}'`,
      `it is not JSON (${(cause as Error).message}); once it is removed, a checkpoint's configuration is taken`,
      cause,
    );
  }
  if (!isObject(stored) || stored.format !== format) throw notARun(folder);
  if (isObject(stored.config)) return readFrom(path, stored.config, readStored);
  throw corruptFile(`'${path}'`, 'it holds no configuration');
}

/** The text of a config.json. */
export function encodeRunConfig(config: JsonObject): string {
  return `${JSON.stringify({ format, config }, null, 2)}\n`;
}

/**
 * Refuses to go on with a run in another way than it was made, but for what may change.
 *
 * @throws TweedieError INVALID_OPTION
 */
export function checkRunConfig(
  folder: string,
  stored: JsonObject,
  given: JsonObject,
  mayChange: readonly string[] = [],
): void {
  const refused = configDifferences(stored, given, mayChange);
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

/** A configuration that a file holds; what is wrong with it is said with the file's name. */
function readFrom<Config extends JsonObject>(
  source: string,
  config: JsonObject,
  readStored: StoredRunOptions<Config>['readStored'],
): Config {
  if (readStored === undefined) return config as Config;
  try {
    return readStored(config);
  } catch (cause) {
    if (!TweedieError.isInstance(cause) || !/^INVALID/.test(cause.code)) throw cause;
    throw new TweedieError({
      code: cause.code,
      package: 'training',
      given: `the configuration in '${source}' cannot be read: ${cause.message.replace(/\.$/, '')}`,
      cause,
    });
  }
}

/** The same as it is, where it cannot be read. */
function readable(
  config: JsonObject,
  read: (config: JsonObject, source: string) => JsonObject,
  source: string,
): JsonObject {
  try {
    return read(config, source);
  } catch (error) {
    if (TweedieError.isInstance(error)) return config;
    throw error;
  }
}

function disagreement(
  folder: string,
  checkpoint: string,
  differences: readonly ConfigDifference[],
): TweedieError {
  const all = differences.map(
    ({ path, before, after }) =>
      `${path} is ${show(before)} in config.json and ${show(after)} in the checkpoint`,
  );
  return new TweedieError({
    code: 'CORRUPT_FILE',
    package: 'training',
    given: `the configuration of the run in '${folder}' is not that of its checkpoint '${checkpoint}': ${all.join(', ')}`,
    allowed: 'the configuration that the weights were trained with',
    fix: 'undo the change, or remove config.json: the configuration is then taken from the checkpoint',
  });
}

function notARun(folder: string): TweedieError {
  return new TweedieError({
    code: 'MISSING_DATA',
    package: 'training',
    given: `'${folder}' is not a run folder`,
    allowed: `a folder with a config.json of the format '${format}', or with checkpoints`,
    fix: 'check the path',
  });
}

function show(value: Json | undefined): string {
  if (value === undefined) return 'not set';
  const text = JSON.stringify(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}… (${text.length} characters)`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
