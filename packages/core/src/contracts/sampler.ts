import type { Tensor } from '@tensorflow/tfjs-core';
import type { JsonObject } from '../json.js';
import type { Rng } from '../rng.js';
import type { Level, Schedule } from './schedule.js';

/**
 * (x, level) ↦ E[x₀ | x_t = x]. Trained networks, exact posteriors, guided and measurement-
 * conditioned models are all denoisers. The result is the caller's to dispose; x stays the caller's.
 */
export type Denoiser = (x: Tensor, level: Level) => Tensor | Promise<Tensor>;

/**
 * One step of a sampler, from one level of the grid to the next. The tensors belong to the walk, which
 * disposes them when the next step is asked for, after the last one too; `clone()` what you keep.
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
  /**
   * The schedule that the grid is of, for samplers that ask for levels between those of the grid;
   * others do without.
   */
  readonly schedule?: Schedule | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Walks a grid of levels from noise to data and yields the state after each step, the last too.
 * Stateless: all history lives in the generator, so several walks may use one sampler at once. `start` stays
 * the caller's. A generator disposes what it holds when it ends, however it ends.
 */
export interface Sampler {
  readonly name: string;
  readonly config: JsonObject;
  sample(
    denoiser: Denoiser,
    start: Tensor,
    grid: readonly Level[],
    context: SampleContext,
  ): AsyncGenerator<SampleStep, void, void>;
}
