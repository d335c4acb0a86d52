import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TweedieError } from '@tweedie/core';
import { encodeCheckpoint, readCheckpointFile } from '../checkpoint/checkpoint.js';
import { corruptFile } from '../safetensors/corrupt-file.js';
import type { TrainingState } from '../training-state.js';
import { writeFileAtomic } from './atomic-file.js';
import { withIo } from './io-error.js';
import { readRegularFile } from './regular-file.js';

/** A checkpoint that was found good, and the newer ones that were not. */
export interface FoundCheckpoint {
  readonly state: TrainingState;
  readonly path: string;
  /** Whether its configuration is that of the run folder, by the hash that the file holds of it. */
  readonly ofRun: boolean;
  /** One line for each newer file that was refused, which names it and says why. */
  readonly warnings: readonly string[];
}

const namePattern = /^step-(\d{8,})\.safetensors$/;

/** 'step-00000020.safetensors' */
function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, '0')}.safetensors`;
}

/**
 * Steps of the checkpoints in a folder, the newest first; none where there is no folder.
 *
 * @throws TweedieError IO
 */
export async function listCheckpoints(folder: string): Promise<readonly number[]> {
  const names = await withIo(`reading the folder '${folder}'`, () =>
    readdir(folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return [];
      throw cause;
    }),
  );
  const steps = names.flatMap((name) => {
    const digits = namePattern.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return steps.sort((a, b) => b - a);
}

/**
 * Writes a checkpoint, whole or not at all, and then removes all but it and the `keep − 1` newest
 * before it. Checkpoints of later steps go too: the run went back behind them, because they could
 * not be read.
 *
 * @param keep how many checkpoints stay, at least 1
 * @param ofRun whether the state's configuration is that of the run folder
 * @returns its path
 * @throws TweedieError INVALID_OPTION; IO, and then the checkpoints that were there still are
 */
export async function saveCheckpoint(
  folder: string,
  state: TrainingState,
  { keep = 2, ofRun = false }: { readonly keep?: number; readonly ofRun?: boolean } = {},
): Promise<string> {
  if (!Number.isInteger(keep) || keep < 1) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'training',
      given: `the number of checkpoints to keep is ${keep}`,
      allowed: 'a whole number of at least 1',
    });
  }
  const path = join(folder, checkpointName(state.step));
  await writeFileAtomic(path, await encodeCheckpoint(state, { ofRun }));
  const others = (await listCheckpoints(folder)).filter((step) => step !== state.step);
  const kept = new Set(others.filter((step) => step < state.step).slice(0, keep - 1));
  for (const step of others) {
    if (kept.has(step)) continue;
    const old = join(folder, checkpointName(step));
    await withIo(`removing '${old}'`, () => rm(old, { force: true }));
  }
  return path;
}

/**
 * Reads the checkpoint of one step.
 *
 * @throws TweedieError MISSING_DATA when there is none, CORRUPT_FILE when it was damaged, IO
 */
export async function readCheckpoint(folder: string, step: number): Promise<FoundCheckpoint> {
  const found = await readStep(folder, step);
  if (found !== undefined) return found;
  const steps = (await listCheckpoints(folder)).filter((other) => other !== step);
  throw new TweedieError({
    code: 'MISSING_DATA',
    package: 'training',
    given: `'${folder}' has no checkpoint of step ${step}`,
    allowed: steps.length > 0 ? `the steps ${steps.join(', ')}` : 'nothing, for it holds none',
  });
}

/** @returns undefined when there is no file of that step */
async function readStep(folder: string, step: number): Promise<FoundCheckpoint | undefined> {
  const path = join(folder, checkpointName(step));
  const bytes = await withIo(`reading '${path}'`, () =>
    readRegularFile(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw cause;
    }),
  );
  if (bytes === undefined) return undefined;
  const { state, ofRun } = await readCheckpointFile(bytes, `'${path}'`);
  if (state.step !== step) {
    throw corruptFile(`'${path}'`, `it holds step ${state.step}; it was renamed`);
  }
  return { state, path, ofRun, warnings: [] };
}

/**
 * Reads the newest checkpoint that is whole. One that was cut short or damaged is passed over with a
 * warning. Another process may write new ones and remove old ones meanwhile.
 *
 * @returns undefined when there is no checkpoint
 * @throws TweedieError CORRUPT_FILE when there are some and none is whole; IO
 */
export async function latestCheckpoint(folder: string): Promise<FoundCheckpoint | undefined> {
  const warnings: string[] = [];
  const steps = await listCheckpoints(folder);
  for (const step of steps) {
    try {
      const found = await readStep(folder, step);
      if (found !== undefined) return { ...found, warnings };
      // It was removed since, because there are newer ones; or it is a link to nothing.
      if (!(await listCheckpoints(folder)).includes(step)) return await latestCheckpoint(folder);
      warnings.push(`'${join(folder, checkpointName(step))}' leads to no file.`);
    } catch (error) {
      if (!TweedieError.isInstance(error) || error.code === 'IO') throw error;
      warnings.push(error.message);
    }
  }
  if (steps.length === 0) return undefined;
  throw new TweedieError({
    code: 'CORRUPT_FILE',
    package: 'training',
    given: `none of the ${steps.length} checkpoints in '${folder}' can be read: ${warnings.join(' ')}`,
    fix: 'bring one back from a copy, or remove them to start from the beginning',
  });
}
