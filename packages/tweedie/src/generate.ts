import { toHost } from '@tweedie/autodiff';
import {
  createRng,
  type Denoiser,
  type FloatArray,
  hostArray,
  type Level,
  type Sampler,
  type Schedule,
  sizeOf,
  TweedieError,
  throwIfAborted,
} from '@tweedie/core';
import { initialNoise } from '@tweedie/samplers';
import { checkSamplingMemory } from './sampling-memory.js';

export interface GenerateRequest {
  /** Makes the denoiser of a batch, given the labels of its items; disposed after the last batch. */
  readonly denoiser: Denoiser;
  readonly sampler: Sampler;
  readonly grid: readonly Level[];
  /** The schedule that the grid is of, for samplers that ask for levels between those of the grid. */
  readonly schedule: Schedule;
  /** Shape of one item. */
  readonly itemShape: readonly number[];
  readonly count: number;
  readonly seed: number;
  /** Items a batch. The last batch is padded and cut, so that every batch does the same work. */
  readonly batchSize: number;
  readonly signal?: AbortSignal | undefined;
}

export interface GenerateProgress {
  /** Sampler steps done, of all batches. */
  readonly done: number;
  readonly total: number;
}

/**
 * Samples any number of items in batches of one size. Item i is the same whatever `count` is: its
 * noise is addressed by (seed, i), and every batch runs the same program on the same shapes.
 *
 * @returns [count, ...itemShape]
 * @throws TweedieError INVALID_VALUE for a count or a batch that is not a whole number of at least 1, or
 * whose memory no machine has; ABORTED
 */
export async function* generate(
  request: GenerateRequest,
): AsyncGenerator<GenerateProgress, FloatArray, void> {
  const { denoiser, sampler, grid, schedule, itemShape, count, batchSize, signal } = request;
  for (const [what, value] of [
    ['the number of samples', count],
    ['the batch size', batchSize],
  ] as const) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'tweedie',
      given: `${what} is ${value}`,
      allowed: 'a whole number of at least 1',
    });
  }
  checkSamplingMemory({ itemShape, count, batchSize });
  const rng = createRng(request.seed);
  const itemSize = sizeOf(itemShape);
  const out = new Float32Array(count * itemSize);
  const batches = Math.ceil(count / batchSize);
  const total = batches * (grid.length - 1);
  for (let batch = 0; batch < batches; batch++) {
    throwIfAborted(signal, 'tweedie');
    const first = batch * batchSize;
    const shape = [batchSize, ...itemShape];
    const start = initialNoise(rng.fork('start').fromItem(first), shape, grid[0]!);
    try {
      const context = { rng: rng.fork('steps').fromItem(first), schedule, signal };
      for await (const { index, x } of sampler.sample(denoiser, start, grid, context)) {
        if (index === grid.length - 2) {
          const { data } = await toHost(x);
          const kept = Math.min(batchSize, count - first);
          out.set((data as Float32Array).subarray(0, kept * itemSize), first * itemSize);
        }
        yield { done: batch * (grid.length - 1) + index + 1, total };
      }
    } finally {
      start.dispose();
    }
  }
  return hostArray(out, [count, ...itemShape]);
}
