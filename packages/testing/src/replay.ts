import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type {
  Coefficients,
  Denoiser,
  FloatArray,
  Level,
  Rng,
  Sampler,
  Schedule,
} from '@tweedie/core';

/**
 * The denoiser of a model that is a function of one number and the time: D = c_skip x + c_out F(c_in
 * x; t), computed in float64. What F predicts is in the coefficients.
 */
export function elementwiseDenoiser(
  model: (x: number, t: number) => number,
  coefficients: (level: Level) => Pick<Coefficients, 'skip' | 'out' | 'in'>,
): Denoiser {
  return async (x, level) => {
    const c = coefficients(level);
    const denoised = (await x.data()).map(
      (value: number) => c.skip * value + c.out * model(c.in * value, level.t),
    );
    return tensor(denoised as Float32Array, x.shape, 'float32');
  };
}

/** A finished walk: the last state, and one element of the state after each step. */
export interface Replay {
  readonly values: Float32Array;
  readonly trace: readonly number[];
}

/**
 * Walks a grid to its end and keeps element `probe` (by flat index) of each state.
 *
 * @param schedule the one that the grid is of, for samplers that ask for levels between those of the grid
 */
export async function replay(
  sampler: Sampler,
  denoiser: Denoiser,
  start: FloatArray,
  grid: readonly Level[],
  rng: Rng,
  probe = 0,
  schedule?: Schedule,
): Promise<Replay> {
  const x: Tensor = tensor(start.data, [...start.shape]);
  const trace: number[] = [];
  let values = new Float32Array();
  for await (const step of sampler.sample(denoiser, x, grid, { rng, schedule })) {
    values = Float32Array.from(await step.x.data());
    trace.push(values[probe]!);
  }
  x.dispose();
  return { values, trace };
}
