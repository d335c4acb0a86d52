import { checkMemory, type MemoryPart, type Network, sizeOf } from '@tweedie/core';
import { activationNumbers } from '@tweedie/training';

export interface SamplingMemoryRequest {
  /** Shape of one item. */
  readonly itemShape: readonly number[];
  readonly count: number;
  /** Items that are sampled together. */
  readonly batchSize: number;
  /** What the denoiser computes, where it is a network. */
  readonly network?: Network | undefined;
}

const bytesOfNumber = 4;

/**
 * Estimates the memory of sampling from shapes alone: the samples, a batch (its state, noise, estimate
 * and the next state), and what the layers of the network give (`activationNumbers`), at most.
 */
export function samplingMemory(request: SamplingMemoryRequest): readonly MemoryPart[] {
  const { itemShape, count, batchSize, network } = request;
  const item = bytesOfNumber * sizeOf(itemShape);
  const activations = network === undefined ? 0 : activationNumbers(network);
  return [
    { what: `${count} samples`, bytes: count * item, isArray: true },
    { what: `a batch of ${batchSize}`, bytes: 4 * batchSize * item },
    ...(network === undefined
      ? []
      : [{ what: 'its activations', bytes: bytesOfNumber * batchSize * activations }]),
  ];
}

/**
 * Refuses sampling that no machine has the memory for.
 *
 * @throws TweedieError INVALID_VALUE with the estimate
 */
export function checkSamplingMemory(request: SamplingMemoryRequest): void {
  const fix = 'sample fewer items (-n), or lower sampling.batchSize';
  checkMemory('tweedie', 'sampling', samplingMemory(request), fix);
}
