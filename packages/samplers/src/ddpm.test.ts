import { exactDenoiser } from '@tweedie/denoisers';
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import {
  createRng,
  floats,
  type Level,
  noisePrediction,
  posterior,
  transition,
} from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { fullGrid, leadingGrid, linear, trailingGrid } from '@tweedie/schedules';
import { elementwiseDenoiser, replay, testSampler } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddpm } from './ddpm.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

testSampler('ddpm', () => ddpm());
testSampler('ddpm, fixedLarge', () => ddpm({ variance: 'fixedLarge' }));
testSampler('ddpm, clipped', () => ddpm({ clip: 3 }));

const data = { mean: 0.6, deviation: 0.3 };
type Variance = 'fixedSmall' | 'fixedLarge';

/** Mean and variance of the samples of a Gaussian, by recursion over the steps in float64. */
function momentsByRecursion(grid: readonly Level[], variance: Variance) {
  let mean = 0;
  let spread = grid[0]!.sigma ** 2;
  for (let i = 0; i + 1 < grid.length; i++) {
    const from = grid[i]!;
    const to = grid[i + 1]!;
    const { dataCoefficient, stateCoefficient, variance: small } = posterior(from, to);
    const total = (from.alpha * data.deviation) ** 2 + from.sigma ** 2;
    const gain = (from.alpha * data.deviation ** 2) / total;
    const slope = dataCoefficient * gain + stateCoefficient;
    mean = slope * mean + dataCoefficient * (1 - gain * from.alpha) * data.mean;
    const large = to.sigma === 0 ? 0 : transition(to, from).variance;
    spread = slope ** 2 * spread + (variance === 'fixedSmall' ? small : large);
  }
  return { mean, deviation: Math.sqrt(spread) };
}

describe('samples of a Gaussian', () => {
  const { mixture } = gaussianMixture({
    weights: [1],
    means: [data.mean],
    standardDeviations: [data.deviation],
  });
  const cases = [
    ['fixedSmall', trailingGrid(linear(), 10)],
    ['fixedSmall', leadingGrid(linear(), 50)],
    ['fixedLarge', trailingGrid(linear(), 10)],
    ['fixedLarge', leadingGrid(linear(), 50)],
  ] as const;

  it.each(cases)('%s: have the moments that the recursion has', async (variance, grid) => {
    const count = 8192;
    const start = createRng(1).normal([count, 1]);
    start.data.forEach((value, i) => {
      start.data[i] = value * grid[0]!.sigma;
    });
    const { values } = await replay(
      ddpm({ variance }),
      exactDenoiser(mixture),
      start,
      grid,
      createRng(2),
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    const wanted = momentsByRecursion(grid, variance);
    // Four standard errors.
    expect(Math.abs(mean - wanted.mean)).toBeLessThan((4 * wanted.deviation) / Math.sqrt(count));
    expect(Math.abs(Math.sqrt(square) / wanted.deviation - 1)).toBeLessThan(
      4 / Math.sqrt(2 * count),
    );
  });

  it('near the data as steps are added, from below or from above', () => {
    for (const variance of ['fixedSmall', 'fixedLarge'] as const) {
      const [some, many] = [100, 1000].map((steps) => {
        const { deviation } = momentsByRecursion(trailingGrid(linear(), steps), variance);
        return deviation - data.deviation;
      });
      const side = variance === 'fixedSmall' ? -1 : 1;
      expect(Math.sign(some!)).toBe(side);
      expect(Math.sign(many!)).toBe(side);
      expect(Math.abs(many!)).toBeLessThan(Math.abs(some!) / 5);
    }
  });
});

describe('ddpm', () => {
  it('adds no noise in the step to the data, whatever the last time and the variance', async () => {
    const grid = trailingGrid(linear(), 2);
    const denoiser = elementwiseDenoiser(
      () => 0.25,
      () => ({ skip: 0, out: 1, in: 1 }),
    );
    for (const variance of ['fixedSmall', 'fixedLarge'] as const) {
      const { values } = await replay(
        ddpm({ variance }),
        denoiser,
        floats([1, -1], [2, 1]),
        grid,
        createRng(0),
      );
      expect([...values]).toEqual([0.25, 0.25]);
    }
  });

  it('stays where it is over a step between equal levels', async () => {
    // The final level 'first' repeats the last one.
    const grid = leadingGrid(linear({ steps: 1 }), 1, { final: 'first' });
    const denoiser = elementwiseDenoiser(Math.tanh, noisePrediction().coefficients);
    const { values } = await replay(ddpm(), denoiser, floats([0.4], [1, 1]), grid, createRng(0));
    expect(values[0]).toBeCloseTo(0.4, 6);
  });

  it('says what is wrong with noise prediction at pure noise', async () => {
    const grid = fullGrid(linear({ steps: 10, zeroTerminalSnr: true }));
    const denoiser = elementwiseDenoiser(Math.tanh, noisePrediction().coefficients);
    await expect(
      replay(ddpm(), denoiser, floats([0.4], [1, 1]), grid, createRng(0)),
    ).rejects.toThrow(/NaN or infinity at step 0 .*α = 0.*predict velocity or data/s);
  });
});
