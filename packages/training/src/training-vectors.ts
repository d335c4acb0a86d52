import type { Tensor1D } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import type { Optimizer } from '@tweedie/core';
import { type HostParams, hostArray, recordOf, TweedieError } from '@tweedie/core';
import type { TrainedLayout, TrainedParams } from './trained-layout.js';
import type { ParameterState, TrainingState } from './training-state.js';
import type { TrainingTensors } from './training-step.js';

/** The state of a run as flat vectors in plain memory. */
export interface TrainingVectors {
  readonly params: Float32Array;
  readonly ema: Float32Array;
  readonly slots: Readonly<Record<string, Float32Array>>;
}

/** The state before the first step. */
export function freshVectors(
  layout: TrainedLayout,
  params: TrainedParams,
  optimizer: Optimizer,
): TrainingVectors {
  const packed = layout.pack(params);
  return {
    params: packed,
    ema: packed.slice(),
    slots: recordOf(optimizer.slots.map((name) => [name, new Float32Array(layout.size)])),
  };
}

/**
 * The state that a snapshot holds.
 *
 * @throws TweedieError INVALID_SHAPE when it is of another network or loss, INVALID_VALUE when it is
 * of another optimizer
 */
export function resumedVectors(
  layout: TrainedLayout,
  state: TrainingState,
  optimizer: Optimizer,
): TrainingVectors {
  for (const { slots } of [state, ...(state.loss === undefined ? [] : [state.loss])]) {
    checkSlots(Object.keys(slots), optimizer);
  }
  const pack = (pick: (part: ParameterState) => HostParams) =>
    layout.pack({ network: pick(state), own: state.loss && pick(state.loss) });
  return {
    params: pack(({ params }) => params),
    ema: pack(({ ema }) => ema),
    slots: recordOf(optimizer.slots.map((name) => [name, pack(({ slots }) => slots[name]!)])),
  };
}

/** The parts of a snapshot: copies, which do not change with the run. */
export function snapshotParts(
  layout: TrainedLayout,
  { params, ema, slots }: TrainingVectors,
): Pick<TrainingState, 'params' | 'ema' | 'slots' | 'loss'> {
  const unpacked = {
    params: layout.unpackHost(params),
    ema: layout.unpackHost(ema),
    slots: Object.entries(slots).map(([name, slot]) => [name, layout.unpackHost(slot)] as const),
  };
  const part = (pick: (trained: TrainedParams) => HostParams): ParameterState => ({
    params: pick(unpacked.params),
    ema: pick(unpacked.ema),
    slots: recordOf(unpacked.slots.map(([name, slot]) => [name, pick(slot)])),
  });
  const network = part((trained) => trained.network);
  if (unpacked.params.own === undefined) return network;
  return { ...network, loss: part((trained) => trained.own!) };
}

function checkSlots(held: readonly string[], optimizer: Optimizer): void {
  const [given, kept] = [held, optimizer.slots].map((names) => [...names].sort().join(', '));
  if (given === kept) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'training',
    given: `the snapshot holds the optimizer's vectors '${given}', and ${optimizer.name} keeps '${kept}'`,
    allowed: 'a snapshot of a run with the same optimizer',
  });
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
  const slots: (readonly [string, Float32Array])[] = [];
  for (const [name, slot] of Object.entries(tensors.slots)) {
    slots.push([name, await readVector(slot)]);
  }
  return {
    params: await readVector(tensors.params),
    ema: await readVector(tensors.ema),
    slots: recordOf(slots),
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
  return recordOf(Object.entries(record).map(([name, value]) => [name, convert(value)]));
}
