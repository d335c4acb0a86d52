import { type HostParams, type JsonObject, TweedieError } from '@tweedie/core';
import { readStoredRun, type StoredRunOptions } from './stored-run.js';

export interface LoadRunOptions<Config extends JsonObject = JsonObject>
  extends StoredRunOptions<Config> {
  /** The moving average (default), or the parameters as they were trained. */
  readonly weights?: 'ema' | 'raw' | undefined;
  /** The checkpoint of this step; default: the newest that is whole. */
  readonly step?: number | undefined;
}

/** What sampling needs of a run. */
export interface LoadedRun<Config extends JsonObject = JsonObject> {
  readonly config: Config;
  readonly params: HostParams;
  /** The step of the checkpoint. */
  readonly step: number;
  /** One line for each newer checkpoint that was refused, and one where config.json is gone. */
  readonly warnings: readonly string[];
}

/**
 * Reads a run's configuration and weights. The configuration is that of config.json, or of the
 * checkpoint where it is gone; where both are there they have to agree.
 *
 * @throws TweedieError MISSING_DATA when it is not a run folder, or there is no such checkpoint;
 * CORRUPT_FILE, also when config.json and the checkpoint do not agree; IO; what `readStored` throws
 */
export async function loadRun<Config extends JsonObject = JsonObject>(
  folder: string,
  { weights = 'ema', ...options }: LoadRunOptions<Config> = {},
): Promise<LoadedRun<Config>> {
  const { config, checkpoint, warnings } = await readStoredRun(folder, options);
  if (checkpoint === undefined) {
    throw new TweedieError({
      code: 'MISSING_DATA',
      package: 'training',
      given: `the run in '${folder}' has no checkpoint yet`,
      fix: 'train it first',
    });
  }
  const { state } = checkpoint;
  return {
    config,
    params: weights === 'ema' ? state.ema : state.params,
    step: state.step,
    warnings,
  };
}
