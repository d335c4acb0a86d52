import type { Scalar } from '@tensorflow/tfjs-core';
import type { JsonObject } from '../json.js';
import type { Rng } from '../rng.js';
import type { Batch, TensorBatch } from './data.js';
import type { Draws, TensorDraws } from './draws.js';
import type { Model } from './model.js';
import type { HostParams, Params } from './network.js';

/** Parameters other than the network's own that a loss computes with. */
export interface LossParams {
  /**
   * The moving average of the network's parameters before this step, without gradient: the target
   * network of consistency training and distillation. Empty unless the loss declares `usesAveraged`.
   */
  readonly averaged: Params;
  /** The loss's own parameters, which are trained too. Empty unless the loss has `init`. */
  readonly own: Params;
}

/** A training objective: what to draw, and what to compute from it. */
export interface Loss {
  readonly name: string;
  readonly config: JsonObject;
  /** True for a loss whose value depends on the averaged parameters. */
  readonly usesAveraged?: boolean | undefined;
  /**
   * Initial values of parameters of its own: a learned noise schedule, learned weights. They are
   * trained with the network's by the same optimizer, averaged, and stored in checkpoints.
   */
  init?(model: Model, rng: Rng): HostParams;
  /** Item i's draws depend on (rng, i) only. */
  draw(model: Model, batch: Batch, rng: Rng): Draws;
  /**
   * Pure tensor code; its gradient with respect to `params` and `others.own` trains.
   *
   * @param others what training always gives; only a loss with `usesAveraged` or `init` needs it, and
   * declares it as `others: LossParams`
   * @returns the mean over the batch
   */
  value(
    model: Model,
    params: Params,
    batch: TensorBatch,
    draws: TensorDraws,
    others?: LossParams,
  ): Scalar;
}
