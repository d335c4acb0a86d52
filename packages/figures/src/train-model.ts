import {
  type Dataset,
  type HostParams,
  type JsonObject,
  type Loss,
  type Model,
  throwIfAborted,
} from '@tweedie/core';
import { type TrainingRecord, train } from '@tweedie/training';
import type { FigureContext } from './context.js';

/** A model with its averaged weights. */
export interface TrainedModel {
  readonly model: Model;
  readonly params: HostParams;
  /** One record a training step. */
  readonly records: readonly TrainingRecord[];
  /** Averaged weights after the steps of `snapshotsAt`, in the order of the steps. */
  readonly snapshots: readonly { readonly step: number; readonly params: HostParams }[];
}

export interface TrainModelRequest {
  /** What progress is reported as. */
  readonly task: string;
  readonly model: Model;
  readonly loss: Loss;
  readonly data: Dataset;
  /** Options of `train`; `steps` is not scaled by the effort. */
  readonly options: JsonObject & { readonly steps: number };
  readonly snapshotsAt?: readonly number[] | undefined;
}

/** What suits a small network on 2-D points; `steps` is left to the caller. */
export const planeTraining = {
  batchSize: 512,
  learningRate: 2e-3,
  decay: 'cosine',
  clipNorm: 5,
  emaDecay: 0.99,
} as const;

/**
 * Trains a model and reports each step.
 *
 * @throws TweedieError ABORTED, and as `train`
 */
export async function trainModel(
  context: FigureContext,
  request: TrainModelRequest,
): Promise<TrainedModel> {
  const { task, model, loss, data, options, snapshotsAt = [] } = request;
  const { backend, seed, signal } = context;
  const training = train({ model, loss, data, backend, options: { seed, ...options }, signal });
  const records: TrainingRecord[] = [];
  const snapshots: { step: number; params: HostParams }[] = [];
  try {
    for await (const record of training) {
      records.push(record);
      context.report({ task, done: record.step, total: options.steps, loss: record.loss });
      if (snapshotsAt.includes(record.step)) {
        snapshots.push({ step: record.step, params: await training.weights('ema') });
      }
    }
    throwIfAborted(signal, 'figures');
    return { model, params: await training.weights('ema'), records, snapshots };
  } finally {
    await training.dispose();
  }
}
