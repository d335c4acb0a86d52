import {
  checkMemory,
  type Dataset,
  type JsonObject,
  type MemoryPart,
  type Model,
  type Network,
  type Optimizer,
  type Options,
  type OptionsInput,
  resolveOptions,
  sizeOf,
} from '@tweedie/core';
import { adamw } from './optimizers/index.js';
import { trainingOptions } from './training-options.js';

/** What is trained, of which nothing is computed. */
export interface TrainingMemoryRequest {
  readonly model: Pick<Model, 'network'>;
  readonly data: Pick<Dataset, 'itemShape'>;
  /** Default: AdamW. */
  readonly optimizer?: Pick<Optimizer, 'slots'> | undefined;
  readonly options?: OptionsInput<typeof trainingOptions> | JsonObject | undefined;
}

const bytesOfNumber = 4;

/**
 * Estimates the memory of a training run from shapes alone; nothing is allocated. Parameters, their
 * average, the optimizer's vectors and the gradient are counted exactly, where the network says the
 * shapes of its parameters. Activations are taken as `activationNumbers`, twice: values that the
 * gradient needs, and gradients.
 *
 * @throws TweedieError INVALID_OPTION
 */
export function trainingMemory(request: TrainingMemoryRequest): readonly MemoryPart[] {
  const options = resolveOptions('training', trainingOptions, request.options);
  const { model, data, optimizer = adamw() } = request;
  const parameters = bytesOfNumber * parameterCount(model.network);
  const { batchSize } = options;
  // The data and as much noise, of the steps of a run and of those drawn ahead.
  const drawn = 4 * batchSize * sizeOf(data.itemShape) * stepsInFlight(options);
  return [
    { what: 'parameters', bytes: parameters, isArray: true },
    { what: 'their average and gradient', bytes: 2 * parameters },
    { what: "the optimizer's vectors", bytes: optimizer.slots.length * parameters },
    {
      what: `activations of ${batchSize} items`,
      bytes: 2 * bytesOfNumber * batchSize * activationNumbers(model.network),
    },
    { what: 'batches', bytes: bytesOfNumber * drawn },
  ];
}

/**
 * Refuses a training run that no machine has the memory for.
 *
 * @throws TweedieError INVALID_VALUE with the estimate; INVALID_OPTION
 */
export function checkTrainingMemory(request: TrainingMemoryRequest): void {
  const { network } = request.model;
  const fix = `lower training.batchSize, or the sizes of network '${network.name}'`;
  checkMemory('training', 'training', trainingMemory(request), fix);
}

function stepsInFlight({ stepsPerRun, steps }: Options<typeof trainingOptions>): number {
  return Math.min(stepsPerRun ?? 1, steps);
}

function parameterCount({ parameters = {} }: Network): number {
  return Object.values(parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Numbers that the layers of a network give for one item, roughly: a matrix [out, in] gives `out`, a
 * filter [out, in, height, width] gives `out` at each pixel of the item. That is too much for networks
 * that halve images on the way, and leaves out what attention holds; 0 where shapes are not known.
 */
export function activationNumbers({ parameters = {}, itemShape }: Network): number {
  const pixels = sizeOf(itemShape.slice(0, -1));
  return Object.values(parameters).reduce((sum, { shape }) => {
    if (shape.length < 2) return sum;
    return sum + shape[0]! * (shape.length === 4 ? pixels : 1);
  }, 0);
}
