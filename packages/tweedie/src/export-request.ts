import type { HostParams, Json, JsonObject } from '@tweedie/core';
import type { CalibrationPoint, ExportKind, ExportRequest } from '@tweedie/export';
import type { TweedieRegistry } from './registry.js';
import { createModel, createSampling } from './run-config.js';
import type { RunConfig } from './run-config-form.js';

export interface RunExport {
  /** Resolved (`resolveConfig`); its `sampling` is what a sampler is exported of. */
  readonly config: RunConfig;
  readonly params: HostParams;
  readonly registry: TweedieRegistry;
  readonly what: ExportKind;
  /** Items of a batch: shapes in the model are fixed. */
  readonly batchSize: number;
  readonly calibration?: readonly CalibrationPoint[] | undefined;
  /** Further facts for the file's metadata: the step of a checkpoint, a version. */
  readonly facts?: Readonly<Record<string, Json>>;
}

/**
 * What `exportModel`, `checkExport` and `calibrationOf` of `@tweedie/export` take, of a run. The file
 * says of which recipe and data it is.
 *
 * @throws TweedieError UNKNOWN_NAME, INVALID_OPTION
 */
export function exportRequest(run: RunExport): ExportRequest {
  const { config, registry, facts, ...request } = run;
  const { recipe, data, sampling } = config;
  const model = createModel(config, registry);
  return {
    ...request,
    model,
    ...createSampling(sampling, model, registry),
    config: config as unknown as JsonObject,
    facts: { recipe, data, grid: sampling.grid, ...facts },
  };
}
