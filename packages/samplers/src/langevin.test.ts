import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { createRng, floats, type Level } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { exactDenoiser } from '@tweedie/denoisers';
import { constantGrid, geometric } from '@tweedie/schedules';
import { replay, scriptedRng, testSampler } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { langevin } from './langevin.js';
import { average, chain, deviation, gaussianScore } from './langevin.testing.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

testSampler('langevin', () => langevin(), { endsOnData: false });
testSampler('langevin with a step size', () => langevin({ stepSize: 0.01 }), { endsOnData: false });

const carrier: Level = { t: 0, alpha: 1, sigma: 1 };

describe('one iteration', () => {
  const denoiser = gaussianScore(1, 4);
  const noise = scriptedRng((_k, count) => new Float32Array(count).fill(0.7));

  it('is x + (ε/2) s + √ε z', async () => {
    const start = floats([3, -2], [2, 1]);
    const grid = [carrier, carrier];
    const { values } = await replay(langevin({ stepSize: 0.3 }), denoiser, start, grid, noise);
    [3, -2].forEach((x, i) => {
      expect(values[i]).toBeCloseTo(x - (0.15 * (x - 1)) / 4 + Math.sqrt(0.3) * 0.7, 5);
    });
  });

  it('has 0.2 σ² for its step where none is given', async () => {
    const level = { ...carrier, sigma: 0.5 };
    const start = floats([3, -2], [2, 1]);
    const run = async (options: { stepSize?: number }) => [
      ...(await replay(langevin(options), denoiser, start, [level, level], noise)).values,
    ];
    expect(await run({})).toEqual(await run({ stepSize: 0.2 * 0.25 }));
  });

  it('keeps x/α between levels, and x/σ from pure noise, also to the data', async () => {
    const still = scriptedRng((_k, count) => new Float32Array(count));
    const half = { t: 1, alpha: 0.5, sigma: 0.8 };
    const pure = { t: 2, alpha: 0, sigma: 2 };
    const clean = { t: -1, alpha: 1, sigma: 0 };
    const run = async (grid: Level[]) =>
      (
        await replay(
          langevin({ stepSize: 1e-12 }),
          (x) => x.clone(),
          floats([3], [1, 1]),
          grid,
          still,
        )
      ).values[0];
    // The denoiser D(x) = x has scores of order 1, so a step of 10⁻¹² moves nothing.
    expect(await run([half, clean])).toBeCloseTo(6, 5);
    expect(await run([half, { t: 0, alpha: 0.8, sigma: 0.6 }])).toBeCloseTo(4.8, 5);
    expect(await run([pure, half])).toBeCloseTo(1.2, 5);
  });
});

describe('a chain on N(1, 4)', () => {
  const [mean, variance] = [1, 4];
  const shape = [4096, 8];
  const start = createRng(2)
    .normal(shape)
    .data.map((z) => mean + 2 * z);

  /** The chain's variance after 40 iterations from the right law; the numbers are independent. */
  const measure = async (relative: number) => {
    const sampler = langevin({ stepSize: relative * variance, checkFinite: false });
    const end = await chain(sampler, gaussianScore(mean, variance), start, shape, 40, carrier);
    return { mean: average(end, (x) => x), variance: average(end, (x) => (x - mean) ** 2) };
  };

  it('has the variance v/(1 − ε/(4v)), so that its bias falls with ε', async () => {
    const biases: number[] = [];
    for (const relative of [1, 0.5, 0.25]) {
      const measured = await measure(relative);
      // All but (1 − ε/(2v))⁸⁰ of the way, 2·10⁻⁵ at the slowest.
      expect(deviation(measured.mean, mean)).toBeLessThan(4);
      expect(deviation(measured.variance, variance / (1 - relative / 4))).toBeLessThan(4);
      biases.push(measured.variance.value / variance - 1);
    }
    // 1/3, 1/7, 1/15: order 1, as ε → 0. Four standard errors of the last, 0.008, are half of it.
    expect(biases[0]).toBeGreaterThan(1.5 * biases[1]!);
    expect(biases[1]).toBeGreaterThan(1.3 * biases[2]!);
    expect(biases[2]).toBeGreaterThan(0.03);
  });
});

describe('a chain on a mixture under noise', () => {
  it('stays where it is', async () => {
    const level = { t: 1, alpha: 0.8, sigma: 0.6 };
    const { mixture } = gaussianMixture({
      weights: [0.7, 0.3],
      means: [-1, 1.5],
      standardDeviations: [0.6],
    });
    const noisy = mixture.at(level);
    const count = 16384;
    const start = noisy.sample(createRng(3), count).x.data;
    // One unit of time. The bias ε/(4v) is 0.8 %, of standard errors that are 1 %.
    const sampler = langevin({ stepSize: 0.02, checkFinite: false });
    const end = await chain(sampler, exactDenoiser(mixture), start, [count, 1], 50, level);
    const second = noisy.components.reduce(
      (sum, { weight, mean, variances }) => sum + weight * (mean[0]! ** 2 + variances[0]!),
      0,
    );
    expect(
      deviation(
        average(end, (x) => x),
        noisy.mean[0]!,
      ),
    ).toBeLessThan(4);
    expect(
      deviation(
        average(end, (x) => x ** 2),
        second,
      ),
    ).toBeLessThan(4);
    expect(end.some((value, i) => Math.abs(value - start[i]!) > 1)).toBe(true);
  });

  it('goes to it from elsewhere, on the grid of a schedule', async () => {
    const schedule = geometric({ steps: 3, sigmaMin: 0.5, sigmaMax: 2 });
    const grid = constantGrid(schedule, 60, { time: 1 });
    const data = gaussianMixture({ weights: [1], means: [2], standardDeviations: [1] });
    const start = floats(new Float32Array(4096).fill(-3), [4096, 1]);
    const sampler = langevin({ stepSize: 0.2, checkFinite: false });
    const { values } = await replay(
      sampler,
      exactDenoiser(data.mixture),
      start,
      grid,
      createRng(4),
    );
    // N(2, 1 + σ²) with σ = 1: 0.95 a step leaves 5·0.95⁶⁰ = 0.23 of the way, and ε/(4v) = 0.025.
    const [mean, variance] = [2 - 5 * 0.95 ** 60, (2 / (1 - 0.025)) * (1 - 0.95 ** 120)];
    expect(
      deviation(
        average(values, (x) => x),
        mean,
      ),
    ).toBeLessThan(4);
    expect(
      deviation(
        average(values, (x) => (x - mean) ** 2),
        variance,
      ),
    ).toBeLessThan(4);
  });
});
