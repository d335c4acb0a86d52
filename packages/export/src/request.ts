import type {
  FloatArray,
  HostParams,
  Json,
  JsonObject,
  Level,
  Model,
  Sampler,
} from '@tweedie/core';

/** A model with its weights. */
export interface TrainedModel {
  readonly model: Model;
  readonly params: HostParams;
  /** What rebuilds the run that trained it, if there is one; the file holds its SHA-256. */
  readonly config?: JsonObject | undefined;
}

/** How it is sampled. */
export interface Sampling {
  readonly sampler: Sampler;
  readonly grid: readonly Level[];
}

/** States that a denoiser is given at one level, from which the ranges of int8 are taken. */
export interface CalibrationPoint {
  /** [items, ...itemShape] */
  readonly x: FloatArray;
  readonly level: Level;
}

/** What of a model an ONNX file holds. */
export const exportKinds = ['denoiser', 'sampler-step', 'sampler'] as const;
export type ExportKind = (typeof exportKinds)[number];

export interface ExportRequest extends TrainedModel, Sampling {
  readonly what: ExportKind;
  /** Items of a batch: shapes in the file are fixed. */
  readonly batchSize: number;
  /**
   * Computes convolutions in int8 (see `quantize` of `@tweedie/backend-onnx`), with ranges from these
   * states: `calibrationOf(request, …)`. Without it everything is float32.
   */
  readonly calibration?: readonly CalibrationPoint[] | undefined;
  /** Further facts for the file's metadata: the recipe, the step of a checkpoint, a version. */
  readonly facts?: Readonly<Record<string, Json>>;
}
