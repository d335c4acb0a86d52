import { add, mul, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { createRng, type Denoiser, type Level, type Sampler } from '@tweedie/core';
import { denoiserFromScore } from '@tweedie/denoisers';
import { runSampler } from './run-sampler.js';

/** The denoiser of the score of N(mean, variance) itself, at no noise: the level only carries it. */
export function gaussianScore(mean: number, variance: number): Denoiser {
  return denoiserFromScore((x) => {
    const scaled = mul(x, -1 / variance);
    const score = add(scaled, mean / variance);
    scaled.dispose();
    return score;
  });
}

/** A chain of `steps` iterations at one level; its last state. */
export async function chain(
  sampler: Sampler,
  denoiser: Denoiser,
  start: Float32Array,
  shape: number[],
  steps: number,
  level: Level,
  seed = 1,
): Promise<Float32Array> {
  const x: Tensor = tensor(start, shape);
  const grid = new Array<Level>(steps + 1).fill(level);
  const end = await runSampler(sampler, denoiser, x, grid, { rng: createRng(seed) });
  const values = Float32Array.from(await end.data());
  x.dispose();
  end.dispose();
  return values;
}

export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

/** The mean of a function of independent numbers, with its standard error. */
export function average(values: Float32Array, of: (x: number) => number): Estimate {
  const terms = Float64Array.from(values, of);
  const value = terms.reduce((sum, term) => sum + term, 0) / terms.length;
  const variance = terms.reduce((sum, term) => sum + (term - value) ** 2, 0) / (terms.length - 1);
  return { value, standardError: Math.sqrt(variance / terms.length) };
}

/** Distance from what is wanted, in standard errors. */
export function deviation({ value, standardError }: Estimate, wanted: number): number {
  return Math.abs(value - wanted) / standardError;
}
