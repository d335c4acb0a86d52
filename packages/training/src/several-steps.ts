import { type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import { disposeTree, toTensor, toTensors } from '@tweedie/autodiff';
import {
  type Backend,
  type Batch,
  type Draws,
  type HostArray,
  hostArray,
  type IntArray,
} from '@tweedie/core';
import type { TrainingStep, TrainingTensors } from './training-step.js';

/** What one step takes from the host. */
export interface StepInputs {
  readonly batch: Batch;
  readonly draws: Draws;
  readonly scalars: {
    /** 1 − decay of the moving average. */
    readonly emaRate: number;
    readonly optimizer: Readonly<Record<string, number>>;
  };
}

/** What a step found, at the parameters before its update. */
export interface StepFindings {
  readonly loss: number;
  readonly gradientNorm: number;
}

/** Several steps as one run of a backend. */
export interface SeveralSteps {
  /** @returns the state after the last of them, the caller's to dispose; the one given stays its own */
  run(
    state: TrainingTensors,
    inputs: readonly StepInputs[],
  ): Promise<{ readonly state: TrainingTensors; readonly findings: readonly StepFindings[] }>;
  dispose(): Promise<void>;
}

/** @returns undefined where the backend runs no more than one step at a time */
export function severalSteps(
  { capabilities }: Backend,
  step: TrainingStep,
  decayMask: Tensor1D,
): SeveralSteps | undefined {
  const compiled = capabilities.scan?.(oneOf(step, decayMask));
  if (compiled === undefined) return undefined;
  return {
    async run(state, inputs) {
      const stacked = stackInputs(inputs);
      const { carry, outputs } = await compiled(state, stacked).finally(() => disposeTree(stacked));
      const [losses, norms] = [await outputs.loss.data(), await outputs.gradientNorm.data()];
      disposeTree(outputs);
      const findings = inputs.map((_, i) => ({ loss: losses[i]!, gradientNorm: norms[i]! }));
      return { state: carry, findings };
    },
    dispose: () => compiled.dispose(),
  };
}

type Stacked = ReturnType<typeof stackInputs>;

const oneOf =
  (step: TrainingStep, decayMask: Tensor1D) =>
  (state: TrainingTensors, { batch, draws, scalars }: Stacked) => {
    const { state: carry, ...outputs } = step(state, batch, draws, scalars as never, decayMask);
    return { carry, outputs };
  };

/** The inputs of all steps, each along a first axis. */
function stackInputs(inputs: readonly StepInputs[]) {
  const [first] = inputs as [StepInputs];
  const numbers = (pick: (scalars: StepInputs['scalars']) => number) =>
    tensor1d(inputs.map(({ scalars }) => pick(scalars)));
  const { label } = first.batch;
  return {
    batch: {
      x: toTensor(stack(inputs.map(({ batch }) => batch.x))),
      label:
        label === undefined
          ? undefined
          : (toTensor(stack(inputs.map(({ batch }) => batch.label as IntArray))) as Tensor1D),
    },
    draws: toTensors(
      mapNames(first.draws, (name) => stack(inputs.map(({ draws }) => draws[name]!))),
    ),
    scalars: {
      emaRate: numbers(({ emaRate }) => emaRate),
      optimizer: mapNames(first.scalars.optimizer, (name) =>
        numbers(({ optimizer }) => optimizer[name]!),
      ),
    },
  };
}

function stack<Data extends Float32Array | Int32Array>(
  arrays: readonly HostArray<Data>[],
): HostArray<Data> {
  const [{ data, shape }] = arrays as readonly [HostArray<Data>];
  const all = new (data.constructor as new (length: number) => Data)(data.length * arrays.length);
  arrays.forEach((array, i) => {
    all.set(array.data, i * data.length);
  });
  return hostArray(all, [arrays.length, ...shape]);
}

function mapNames<T>(
  record: Readonly<Record<string, unknown>>,
  make: (name: string) => T,
): Record<string, T> {
  return Object.fromEntries(Object.keys(record).map((name) => [name, make(name)]));
}

/** How long a run of several steps may take: what waits for it, a progress bar or Ctrl-C, feels none. */
const RUN_SECONDS = 0.05;
const MOST_STEPS = 64;

/**
 * How many steps to run at once, from what one alone takes: a power of two, so that few programs are
 * made, and 1 where fewer than four would fit.
 */
export function stepsThatFit(secondsOfOne: number): number {
  const count = 2 ** Math.floor(Math.log2(Math.min(MOST_STEPS, RUN_SECONDS / secondsOfOne)));
  return count >= 4 ? count : 1;
}
