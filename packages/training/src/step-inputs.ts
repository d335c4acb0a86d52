import { type Scalar, scalar, type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import { toTensor, toTensors } from '@tweedie/autodiff';
import {
  type Batch,
  type Draws,
  type HostArray,
  hostArray,
  type IntArray,
  recordOf,
  type TensorBatch,
  type TensorDraws,
} from '@tweedie/core';
import type { StepScalars } from './training-step.js';

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

/** The same on a backend. */
export interface StepInputTensors {
  readonly batch: TensorBatch;
  readonly draws: TensorDraws;
  readonly scalars: StepScalars;
}

/** The inputs of one step as tensors, the caller's to dispose. */
export function inputTensors({ batch, draws, scalars }: StepInputs): StepInputTensors {
  return {
    batch: {
      x: toTensor(batch.x),
      label: batch.label === undefined ? undefined : (toTensor(batch.label) as Tensor1D),
    },
    draws: toTensors(draws),
    scalars: {
      emaRate: scalar(scalars.emaRate),
      optimizer: mapNames(scalars.optimizer, (name) => scalar(scalars.optimizer[name]!)),
    },
  };
}

/** The inputs of several steps as tensors, each along a first axis; the caller's to dispose. */
export function stackedInputTensors(inputs: readonly StepInputs[]): StepInputTensors {
  const [first] = inputs as readonly [StepInputs];
  const numbers = (pick: (scalars: StepInputs['scalars']) => number) =>
    // A vector of the steps' numbers, of which each step gets one as its scalar.
    tensor1d(inputs.map(({ scalars }) => pick(scalars))) as unknown as Scalar;
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
  return recordOf(Object.keys(record).map((name) => [name, make(name)]));
}
