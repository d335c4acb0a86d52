import type { Tensor } from '@tensorflow/tfjs-core';
import type { JsonObject } from '../json.js';
import type { Rng } from '../rng.js';
import type { Level } from './schedule.js';

/**
 * (x, level) ↦ E[x₀ | x_t = x]. Trained networks, exact posteriors, guided and measurement-
 * conditioned models are all denoisers. The result is the caller's to dispose; x stays the caller's.
 */
export type Denoiser = (x: Tensor, level: Level) => Tensor | Promise<Tensor>;

/**
 * One step of a sampler, from one level of the grid to the next. The tensors belong to the sampler,
 * which disposes them when the next step is asked for; `clone()` what you keep.
 */
export interface SampleStep {
  /** 0 … grid.length − 2 */
  readonly index: number;
  readonly from: Level;
  readonly to: Level;
  /** The state at `to`. */
  readonly x: Tensor;
  /** The estimate of x₀ that the step used (after clipping, where there is any). */
  readonly denoised: Tensor;
}

export interface SampleContext {
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Walks a grid of levels from noise to data. Stateless: all history lives in the generator. `start`
 * stays the caller's, the returned tensor is the caller's to dispose, and a generator that is left
 * early (`return()`, a break out of for-await) disposes what it holds.
 */
export interface Sampler {
  readonly name: string;
  readonly config: JsonObject;
  sample(
    denoiser: Denoiser,
    start: Tensor,
    grid: readonly Level[],
    context: SampleContext,
  ): AsyncGenerator<SampleStep, Tensor, void>;
}
