import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import type {
  Loss,
  Model,
  Optimizer,
  OptimizerSlots,
  Params,
  TensorBatch,
  TensorDraws,
} from '@tweedie/core';
import { checkUpdate } from './check-plugins.js';
import { updateEma } from './ema.js';
import { clipByGlobalNorm, globalNorm } from './gradient-clipping.js';
import type { TrainedLayout } from './trained-layout.js';

/**
 * What a training step carries from one step to the next: flat vectors of all that is trained, [P].
 */
export interface TrainingTensors {
  readonly params: Tensor1D;
  readonly ema: Tensor1D;
  readonly slots: OptimizerSlots;
}

/** Numbers that change with the step, as tensors, so that a trace stays valid. */
export interface StepScalars {
  /** 1 − decay of the moving average. */
  readonly emaRate: Scalar;
  readonly optimizer: Readonly<Record<string, Scalar>>;
}

export interface StepResult {
  readonly state: TrainingTensors;
  /** At the parameters before the update. */
  readonly loss: Scalar;
  /** Before clipping. */
  readonly gradientNorm: Scalar;
}

export type TrainingStep = (
  state: TrainingTensors,
  batch: TensorBatch,
  draws: TensorDraws,
  scalars: StepScalars,
  decayMask: Tensor1D,
) => StepResult;

/**
 * One training step as a pure function of tensors: loss, gradient, clipping, the optimizer's update
 * and the moving average. It draws nothing and reads nothing, so any backend can compile it.
 */
export function createTrainingStep({
  model,
  loss,
  optimizer,
  layout,
  clipNorm,
  averages = true,
}: {
  readonly model: Model;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly layout: TrainedLayout;
  /** Largest norm of the gradient; null does not clip. */
  readonly clipNorm: number | null;
  /** Whether `ema` is a moving average; without one it is the parameters themselves. */
  readonly averages?: boolean;
}): TrainingStep {
  const lossAndGradient = valueAndGrad(
    (trained: Params, averaged: Params, batch: TensorBatch, draws: TensorDraws) => {
      const all = trained.all as Tensor1D;
      const own = layout.unpackOwn(all);
      return loss.value(model, layout.unpackNetwork(all), batch, draws, { averaged, own });
    },
  );
  return (state, batch, draws, scalars, decayMask) => {
    // Not unpacked unless it is asked for, so that the graph of other losses does without it.
    const averaged = loss.usesAveraged === true ? layout.unpackNetwork(state.ema) : {};
    const { value, grads } = lossAndGradient({ all: state.params }, averaged, batch, draws);
    const gradient = grads.all as Tensor1D;
    const gradientNorm = globalNorm(gradient);
    const updated = optimizer.update({
      params: state.params,
      gradient: clipNorm === null ? gradient : clipByGlobalNorm(gradient, gradientNorm, clipNorm),
      slots: state.slots,
      decayMask,
      scalars: scalars.optimizer,
    });
    checkUpdate(optimizer, updated, state.params.shape);
    const { params, slots } = updated;
    const ema = averages ? updateEma(state.ema, params, scalars.emaRate) : params.clone();
    return { state: { params, ema, slots }, loss: value, gradientNorm };
  };
}
