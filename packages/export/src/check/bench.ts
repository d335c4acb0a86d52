import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelArray } from '@tweedie/backend-onnx';
import type { FloatArray, Rng } from '@tweedie/core';
import type { DisposableDenoiser } from '@tweedie/denoisers';
import type { ExportedModel } from '../export-model.js';
import type { ExportRequest } from '../request.js';
import type { Precision } from './precision.js';

/** What a check found. */
export interface Comparison {
  readonly differences: readonly number[];
  readonly tolerance?: number;
}

/** An exported file that is open, beside this library's denoiser of the same model. */
export interface Bench extends Pick<ExportRequest, 'model' | 'sampler' | 'grid'> {
  readonly denoiser: DisposableDenoiser;
  readonly rng: Rng;
  readonly shape: readonly number[];
  readonly signal: AbortSignal | undefined;
  readonly draws: ExportedModel['draws'];
  readonly precision: Precision;
  readonly inputs: readonly ModelArray[];
  run(feeds: Readonly<Record<string, Tensor>>, names: readonly string[]): Promise<FloatArray[]>;
}

/** Most levels of a denoiser, or steps of a sampler, at which an export is compared. */
const mostPlaces = 24;

/** At most 24 of a list, spread over it, the first and the last among them. */
export function spread<Item>(items: readonly Item[]): readonly Item[] {
  const stride = Math.ceil(items.length / mostPlaces);
  return items.filter((_, i) => i % stride === 0 || i === items.length - 1);
}
