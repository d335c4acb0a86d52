import type { Tensor1D } from '@tensorflow/tfjs-core';
import { type ParameterLayout, toTensor } from '@tweedie/autodiff';
import type { Optimizer } from '@tweedie/core';
import { type HostParams, hostArray, TweedieError } from '@tweedie/core';
import type { TrainingState } from './training-state.js';
import type { TrainingTensors } from './training-step.js';

/** The state of a run as flat vectors in plain memory. */
export interface TrainingVectors {
  readonly params: Float32Array;
  readonly ema: Float32Array;
  readonly slots: Readonly<Record<string, Float32Array>>;
}

/** The state before the first step. */
export function freshVectors(
  layout: ParameterLayout,
  params: HostParams,
  optimizer: Optimizer,
): TrainingVectors {
  const packed = layout.pack(params).data;
  return {
    params: packed,
    ema: packed.slice(),
    slots: Object.fromEntries(optimizer.slots.map((name) => [name, new Float32Array(layout.size)])),
  };
}

/**
 * The state that a snapshot holds.
 *
 * @throws TweedieError INVALID_SHAPE when it is of another network, INVALID_VALUE when it is of
 * another optimizer
 */
export function resumedVectors(
  layout: ParameterLayout,
  state: TrainingState,
  optimizer: Optimizer,
): TrainingVectors {
  const held = Object.keys(state.slots).sort().join(', ');
  const kept = [...optimizer.slots].sort().join(', ');
  if (held !== kept) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'training',
      given: `the snapshot holds the optimizer's vectors '${held}', and ${optimizer.name} keeps '${kept}'`,
      allowed: 'a snapshot of a run with the same optimizer',
    });
  }
  const pack = (params: HostParams) => layout.pack(params).data;
  return { params: pack(state.params), ema: pack(state.ema), slots: mapValues(state.slots, pack) };
}

/** Puts the state on the active backend; the memory is handed over. */
export function vectorsToTensors(vectors: TrainingVectors): TrainingTensors {
  return {
    params: vectorToTensor(vectors.params),
    ema: vectorToTensor(vectors.ema),
    slots: mapValues(vectors.slots, vectorToTensor),
  };
}

/** The same for one vector. */
export function vectorToTensor(data: Float32Array): Tensor1D {
  return toTensor(hostArray(data, [data.length])) as Tensor1D;
}

/** Reads the state back. What it returns may be the backend's own memory: copy, do not write. */
export async function tensorsToVectors(tensors: TrainingTensors): Promise<TrainingVectors> {
  const slots: Record<string, Float32Array> = {};
  for (const [name, slot] of Object.entries(tensors.slots)) slots[name] = await readVector(slot);
  return {
    params: await readVector(tensors.params),
    ema: await readVector(tensors.ema),
    slots,
  };
}

/** The same for one vector. */
export async function readVector(vector: Tensor1D): Promise<Float32Array> {
  return (await vector.data()) as Float32Array;
}

/** @throws TweedieError NOT_FINITE that names the vector */
export function checkFiniteVectors({ params, ema, slots }: TrainingVectors, step: number): void {
  for (const [name, values] of Object.entries({ params, ema, ...slots })) {
    const bad = values.find((value) => !Number.isFinite(value));
    if (bad === undefined) continue;
    throw new TweedieError({
      code: 'NOT_FINITE',
      package: 'training',
      given: `after step ${step} the vector '${name}' holds ${bad}`,
      allowed: 'finite numbers',
      fix: 'go on from an earlier checkpoint with a lower learningRate, or set clipNorm',
    });
  }
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  convert: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, convert(value)]));
}
