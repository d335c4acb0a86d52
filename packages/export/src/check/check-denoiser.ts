import { scalar } from '@tensorflow/tfjs-core';
import { toHost, toTensor } from '@tweedie/autodiff';
import { type FloatArray, hostArray, type Level } from '@tweedie/core';
import { type Bench, type Comparison, spread } from './bench.js';
import { differenceOf } from './precision.js';

/** Levels of the sampler's grid at which the denoiser has a meaning, spread over it. */
function levelsToCheck({ grid, model }: Bench): readonly Level[] {
  const levels = grid.filter(
    (level, i) =>
      level.sigma > 0 &&
      (i === 0 || level.t !== grid[i - 1]!.t) &&
      Object.values(model.parameterization.coefficients(level)).every(Number.isFinite),
  );
  return spread(levels);
}

/** The denoiser and the noise at levels of the grid. */
export async function checkDenoiser(bench: Bench): Promise<Comparison> {
  const { denoiser, model, rng, shape, precision } = bench;
  const { norm } = precision;
  const differences: number[] = [];
  for (const level of levelsToCheck(bench)) {
    const { t, alpha, sigma } = level;
    const scale = Math.hypot(alpha, sigma);
    const state = scaled(rng.normal(shape), scale);
    const x = toTensor(state);
    const numbers = { alpha: scalar(alpha), sigma: scalar(sigma), time: scalar(t) };
    const estimate = await denoiser(x, level);
    const { data } = (await toHost(estimate)) as FloatArray;
    const [denoised, noise] = await bench.run({ x, ...numbers }, ['denoised', 'noise']);
    for (const tensor of [x, estimate, ...Object.values(numbers)]) tensor.dispose();
    // Where c_skip is large, D is the small difference of large terms.
    const size = norm(state.data);
    const { skip } = model.parameterization.coefficients(level);
    differences.push(differenceOf(precision, denoised!.data, data, Math.abs(skip) * size));
    const expected = data.map((value, i) => (state.data[i]! - alpha * value) / sigma);
    const terms = Math.max(size, alpha * Math.max(norm(data), Math.abs(skip) * size)) / sigma;
    differences.push(differenceOf(precision, noise!.data, expected, terms));
  }
  return { differences };
}

function scaled({ data, shape }: FloatArray, scale: number): FloatArray {
  return hostArray(
    data.map((value) => value * scale),
    shape,
  );
}
