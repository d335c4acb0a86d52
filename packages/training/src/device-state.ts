import { disposeTree } from '@tweedie/autodiff';
import { TweedieError } from '@tweedie/core';
import type { StepMetrics, StepRun } from './step-runner.js';
import type { TrainingTensors } from './training-step.js';
import {
  readVector,
  type TrainingVectors,
  tensorsToVectors,
  vectorsToTensors,
} from './training-vectors.js';

/**
 * The state of a training run at the step that was reported last: in plain memory until the first
 * step is computed, on the backend from then on. A run computes several steps at once that are
 * reported one by one; the state before the run is kept until the last of them is reported.
 */
export interface DeviceState {
  /** Steps reported. */
  readonly step: number;
  /** What is to be reported of the next step, where it is computed. */
  readonly next: { readonly metrics: StepMetrics; readonly seconds: number } | undefined;
  /**
   * The state that the next run begins with, on the active backend; it stays the owner's.
   *
   * @throws TweedieError INVALID_VALUE once it is disposed
   */
  tensors(): TrainingTensors;
  /** Takes what a run computed from `tensors()`. @param seconds that each of its steps took */
  computed(run: StepRun, seconds: number): void;
  /** Moves to the next step, which is computed. */
  report(): void;
  /**
   * Drops the steps that are computed and not reported, and makes `tensors()` the state after the step
   * that was reported last: steps of the run that were reported are computed again.
   *
   * @param compute one step, from `tensors()`, by its number
   */
  rewind(compute: (step: number) => Promise<StepRun>): Promise<void>;
  /** The state in plain memory, after a `rewind`. May be the backend's own memory: do not write. */
  vectors(): Promise<TrainingVectors>;
  /** The same for one vector. */
  vector(name: 'params' | 'ema'): Promise<Float32Array>;
  dispose(): void;
}

/** @param step steps done before */
export function createDeviceState(initial: TrainingVectors, step: number): DeviceState {
  let reported = step;
  let host: TrainingVectors | undefined = initial;
  let device: TrainingTensors | undefined;
  /** A run that is not reported to its end; `device` is the state before its first step. */
  let run: (StepRun & { readonly before: number; readonly seconds: number }) | undefined;

  const replace = (next: TrainingTensors) => {
    disposeTree(device);
    device = next;
  };
  const onHost = (): TrainingVectors => {
    if (host === undefined) throw disposedError();
    return host;
  };

  return {
    get step() {
      return reported;
    },
    get next() {
      const metrics = run?.metrics[reported - run.before];
      return metrics && { metrics, seconds: run!.seconds };
    },
    tensors() {
      device ??= vectorsToTensors(onHost());
      host = undefined;
      return device;
    },
    computed(computedRun, seconds) {
      run = { ...computedRun, seconds, before: reported };
    },
    report() {
      reported++;
      if (run === undefined || reported < run.before + run.metrics.length) return;
      replace(run.state);
      run = undefined;
    },
    async rewind(compute) {
      if (run === undefined) return;
      const { before, state } = run;
      run = undefined;
      disposeTree(state);
      let at = before;
      try {
        for (; at < reported; at++) replace((await compute(at + 1)).state);
      } finally {
        // Where a step cannot be computed again, the run goes on from the last that could.
        reported = at;
      }
    },
    vectors: async () => (device === undefined ? onHost() : tensorsToVectors(device)),
    vector: async (name) => (device === undefined ? onHost()[name] : readVector(device[name])),
    dispose() {
      disposeTree([device, run?.state]);
      host = undefined;
      device = undefined;
      run = undefined;
    },
  };
}

function disposedError(): TweedieError {
  return new TweedieError({
    code: 'INVALID_VALUE',
    package: 'training',
    given: 'the training run was disposed',
    fix: 'take its snapshot before it is disposed',
  });
}
