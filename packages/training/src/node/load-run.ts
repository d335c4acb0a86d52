import { type HostParams, type JsonObject, TweedieError } from '@tweedie/core';
import { latestCheckpoint, readCheckpoint } from './checkpoint-folder.js';
import { readRunConfig, runPaths } from './run-folder.js';

/** What sampling needs of a run. */
export interface LoadedRun {
  readonly config: JsonObject;
  readonly params: HostParams;
  /** The step of the checkpoint. */
  readonly step: number;
  /** One line for each newer checkpoint that was refused. */
  readonly warnings: readonly string[];
}

/**
 * Reads a run's configuration and weights.
 *
 * @param weights the moving average (default), or the parameters as they were trained
 * @param step the checkpoint of this step; default: the newest that is whole
 * @throws TweedieError MISSING_DATA when it is not a run folder, or there is no such checkpoint;
 * CORRUPT_FILE, IO
 */
export async function loadRun(
  folder: string,
  {
    weights = 'ema',
    step,
  }: { readonly weights?: 'ema' | 'raw' | undefined; readonly step?: number | undefined } = {},
): Promise<LoadedRun> {
  const config = await readRunConfig(folder);
  const { checkpoints } = runPaths(folder);
  const found =
    step === undefined
      ? await latestCheckpoint(checkpoints)
      : await readCheckpoint(checkpoints, step);
  if (found === undefined) {
    throw new TweedieError({
      code: 'MISSING_DATA',
      package: 'training',
      given: `the run in '${folder}' has no checkpoint yet`,
      fix: 'train it first',
    });
  }
  const { state, warnings } = found;
  return {
    config,
    params: weights === 'ema' ? state.ema : state.params,
    step: state.step,
    warnings,
  };
}
