import { toTensor } from '@tweedie/autodiff';
import { type Denoiser, hostArray } from '@tweedie/core';
import { initialNoise, runSampler } from '@tweedie/samplers';
import type { Bench, Comparison } from './bench.js';
import { differenceOf } from './precision.js';
import { recording, stacked } from './recorded-noise.js';

/** The whole chain. */
export async function checkSampler(bench: Bench): Promise<Comparison> {
  const { sampler, grid, model, denoiser, rng, shape, signal, draws, precision } = bench;
  const { recorder, taken } = recording(rng.fork('steps'));
  const startState = initialNoise(rng.fork('start'), shape, grid[0]!);
  const { schedule } = model;
  const context = { rng: recorder, schedule, signal };
  const expected = await runSampler(sampler, denoiser, startState, grid, context);
  const start = toTensor(rng.fork('start').normal(shape));
  const noise = stacked(taken(), shape, draws.total);
  const [samples] = await bench.run({ start, noise }, ['samples']);
  const numbers = await expected.data();
  const difference = differenceOf(precision, samples!.data, numbers);
  let { tolerance }: { tolerance: number } = precision;
  if (difference > tolerance) {
    const again = { ...context, rng: rng.fork('steps') };
    const shaken = await runSampler(sampler, shakenDenoiser(bench), startState, grid, again);
    // A few times what errors at random do, as rounding errors are not quite at random.
    tolerance = Math.max(tolerance, 4 * differenceOf(precision, await shaken.data(), numbers));
    shaken.dispose();
  }
  for (const tensor of [startState, expected, start, noise]) tensor.dispose();
  return { differences: [difference], tolerance };
}

/** The denoiser with errors at random, of the size that rounding makes. */
function shakenDenoiser({ denoiser, model, rng, shape, precision }: Bench): Denoiser {
  const { norm, error } = precision;
  const errors = rng.fork('errors');
  return async (x, level) => {
    const estimate = await denoiser(x, level);
    const { skip } = model.parameterization.coefficients(level);
    const values = await estimate.data();
    const terms = Math.max(norm(values), Math.abs(skip) * norm(await x.data()));
    estimate.dispose();
    const drawn = errors.normal(shape).data;
    const shaken = Float32Array.from(values, (value, i) => value + error * terms * drawn[i]!);
    return toTensor(hostArray(shaken, shape));
  };
}
