import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { disposeTree } from '@tweedie/autodiff';
import type { Backend } from '@tweedie/core';
import {
  inputTensors,
  type StepInputs,
  type StepInputTensors,
  stackedInputTensors,
} from './step-inputs.js';
import type { TrainingStep, TrainingTensors } from './training-step.js';
import { vectorToTensor } from './training-vectors.js';

/** What is measured at one step, at the parameters before its update. */
export interface StepMetrics {
  /** Mean over the batch. */
  readonly loss: number;
  /** Euclidean norm of the gradient, before clipping. */
  readonly gradientNorm: number;
}

/** What a run of steps gave. */
export interface StepRun {
  /** The state after the last step, the caller's to dispose. */
  readonly state: TrainingTensors;
  /** Of each step. */
  readonly metrics: readonly StepMetrics[];
}

/** Computes runs of steps on a backend. */
export interface StepRunner {
  /** Whether the backend computes several steps in one run. */
  readonly runsSeveral: boolean;
  /**
   * Computes as many steps as there are inputs; several are the same numbers as one by one, bit for
   * bit. The backend of the state's tensors must be active. The computation is under way when this
   * returns, so that the caller can go on drawing on a backend with threads of its own.
   *
   * @param state stays the caller's
   * @param inputs of one step, or of several where the backend runs several
   */
  run(state: TrainingTensors, inputs: readonly StepInputs[]): Promise<StepRun>;
  dispose(): Promise<void>;
}

/** @param decayMask where weight decay acts, [P] */
export function createStepRunner({
  backend,
  step,
  decayMask,
}: {
  readonly backend: Backend;
  readonly step: TrainingStep;
  readonly decayMask: Float32Array;
}): StepRunner {
  const { scan } = backend.capabilities;
  const one = backend.compile(step);
  const scanned = (mask: Tensor1D) =>
    scan?.((state: TrainingTensors, { batch, draws, scalars }: StepInputTensors) => {
      const { state: carry, ...outputs } = step(state, batch, draws, scalars, mask);
      return { carry, outputs };
    });
  let several: ReturnType<typeof scanned>;
  let mask: Tensor1D | undefined;

  const runOne = async (state: TrainingTensors, inputs: StepInputTensors): Promise<StepRun> => {
    const { batch, draws, scalars } = inputs;
    const result = await one(state, batch, draws, scalars, mask!).finally(() =>
      disposeTree(inputs),
    );
    const metrics = {
      loss: await take(result.loss),
      gradientNorm: await take(result.gradientNorm),
    };
    return { state: result.state, metrics: [metrics] };
  };

  const runSeveral = async (
    state: TrainingTensors,
    count: number,
    inputs: StepInputTensors,
  ): Promise<StepRun> => {
    several ??= scanned(mask!)!;
    const { carry, outputs } = await several(state, inputs).finally(() => disposeTree(inputs));
    const [losses, norms] = [await outputs.loss.data(), await outputs.gradientNorm.data()];
    disposeTree(outputs);
    const metrics = Array.from({ length: count }, (_, i) => ({
      loss: losses[i]!,
      gradientNorm: norms[i]!,
    }));
    return { state: carry, metrics };
  };

  return {
    runsSeveral: scan !== undefined,
    run(state, inputs) {
      mask ??= vectorToTensor(decayMask);
      return inputs.length === 1
        ? runOne(state, inputTensors(inputs[0]!))
        : runSeveral(state, inputs.length, stackedInputTensors(inputs));
    },
    async dispose() {
      mask?.dispose();
      mask = undefined;
      await Promise.all([one.dispose(), several?.dispose()]);
    },
  };
}

/** Reads a scalar and disposes of it. */
async function take(source: Scalar): Promise<number> {
  const [value] = await source.data();
  source.dispose();
  return value!;
}
