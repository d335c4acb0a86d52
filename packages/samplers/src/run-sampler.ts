import type { Tensor } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import {
  type Denoiser,
  hostArray,
  type Level,
  type Rng,
  type SampleContext,
  type Sampler,
} from '@tweedie/core';

/**
 * Walks the whole grid and returns the last state, which is the caller's to dispose; `start` stays
 * the caller's.
 *
 * @throws TweedieError INVALID_VALUE for a bad grid, NOT_FINITE, ABORTED
 */
export async function runSampler(
  sampler: Sampler,
  denoiser: Denoiser,
  start: Tensor,
  grid: readonly Level[],
  context: SampleContext,
): Promise<Tensor> {
  let last: Tensor | undefined;
  for await (const step of sampler.sample(denoiser, start, grid, context)) {
    if (step.index === grid.length - 2) last = step.x.clone();
  }
  // A grid without a step was refused above.
  return last!;
}

/**
 * The state from which sampling begins: σ times standard normal noise, which is q(x_t) where no
 * signal is left. Item i is the same whatever the batch size.
 *
 * @param shape [B, ...itemShape]
 * @param level the first of the grid
 */
export function initialNoise(rng: Rng, shape: readonly number[], level: Level): Tensor {
  const { data } = rng.normal(shape);
  return toTensor(
    hostArray(
      data.map((value) => value * level.sigma),
      shape,
    ),
  );
}
