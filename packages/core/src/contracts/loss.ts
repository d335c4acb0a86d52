import type { Scalar } from '@tensorflow/tfjs-core';
import type { JsonObject } from '../json.js';
import type { Rng } from '../rng.js';
import type { Batch, TensorBatch } from './data.js';
import type { Draws, TensorDraws } from './draws.js';
import type { Model } from './model.js';
import type { Params } from './network.js';

/** A training objective: what to draw, and what to compute from it. */
export interface Loss {
  readonly name: string;
  readonly config: JsonObject;
  /** Item i's draws depend on (rng, i) only. */
  draw(model: Model, batch: Batch, rng: Rng): Draws;
  /** Pure tensor code; its gradient with respect to `params` trains. @returns the mean over the batch */
  value(model: Model, params: Params, batch: TensorBatch, draws: TensorDraws): Scalar;
}
