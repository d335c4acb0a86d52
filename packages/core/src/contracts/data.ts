import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { FloatArray, IntArray } from '../host-array.js';
import type { JsonObject } from '../json.js';
import type { Rng } from '../rng.js';
import type { Level } from './schedule.js';

/** A distribution whose density and score are known, in float64; x is one item, flat. */
export interface Density {
  /** The distribution of x_t = αx₀ + σε. */
  at(level: Pick<Level, 'alpha' | 'sigma'>): Density;
  /** ln p(x) */
  logDensity(x: readonly number[]): number;
  /** ∇ ln p(x) */
  score(x: readonly number[]): readonly number[];
}

/** Clean data on the host: x is [B, ...itemShape]. */
export interface Batch {
  readonly x: FloatArray;
  /** [B] */
  readonly label?: IntArray | undefined;
  /** The distribution of the items, where it is known; explicit score matching needs it. */
  readonly density?: Density | undefined;
}
/** The same as tensors of a backend. */
export interface TensorBatch {
  readonly x: Tensor;
  readonly label?: Tensor1D | undefined;
}

/** Items that can be fetched by index, in plain memory. */
export interface Dataset {
  readonly name: string;
  readonly config: JsonObject;
  readonly itemShape: readonly number[];
  /** Number of items; Infinity for a distribution that is drawn from. */
  readonly size: number;
  /** Number of classes, 0 when there are no labels. */
  readonly classes: number;
  /**
   * The batch of a training step: a deterministic function of (rng's key, step).
   *
   * @param step a whole number of at least 0
   * @param batchSize a whole number of at least 1
   * @throws TweedieError INVALID_VALUE for another step or batch size: `checkBatchRequest` of
   * `@tweedie/data` does that
   */
  batch(rng: Rng, step: number, batchSize: number): Batch;
}
