import { exactDenoiser } from '@tweedie/denoisers';
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend, tensor } from '@tensorflow/tfjs-core';
import {
  createRng,
  type Denoiser,
  floats,
  type Level,
  posterior,
  type Sampler,
  velocityPrediction,
} from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { cosine, geometric, leadingGrid, linear, trailingGrid, vp } from '@tweedie/schedules';
import { elementwiseDenoiser, replay, scriptedRng, testSampler } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

testSampler('ddim', () => ddim());
testSampler('ddim, eta 0.5', () => ddim({ eta: 0.5 }));
testSampler('ddim, eta 1', () => ddim({ eta: 1 }));
testSampler('ddim, clipped, noise recomputed', () => ddim({ clip: 3, recomputeNoise: true }));

const start = (level: Level) =>
  floats(
    createRng(3)
      .normal([8, 2])
      .data.map((value) => value * level.sigma),
    [8, 2],
  );

describe('ddim at eta 1', () => {
  const denoiser = exactDenoiser(gaussianMixture().mixture);
  const grids = [
    ['linear', trailingGrid(linear(), 12)],
    ['cosine', leadingGrid(cosine(), 12)],
    ['vp', trailingGrid(vp(), 12)],
    ['geometric', trailingGrid(geometric({ sigmaMax: 20 }), 10)],
    ['zero terminal SNR', trailingGrid(linear({ zeroTerminalSnr: true }), 12)],
  ] as const;

  it.each(grids)('is ancestral sampling, step for step: %s', async (_name, grid) => {
    const walk = async (sampler: Sampler) => {
      const states: number[][] = [];
      const x = tensor(start(grid[0]!).data, [8, 2]);
      const steps = sampler.sample(denoiser, x, grid, { rng: createRng(5) });
      for await (const step of steps) states.push([...(await step.x.data())]);
      x.dispose();
      return states;
    };
    const implicit = await walk(ddim({ eta: 1 }));
    const ancestral = await walk(ddpm());
    expect(implicit).toHaveLength(grid.length - 1);
    implicit.forEach((state, step) => {
      state.forEach((value, i) => {
        const wanted = ancestral[step]![i]!;
        expect(Math.abs(value - wanted)).toBeLessThan(2e-5 * Math.max(1, Math.abs(wanted)));
      });
    });
  });
});

describe('ddim', () => {
  it('draws nothing at eta 0', async () => {
    const grid = trailingGrid(linear(), 4);
    const never = scriptedRng(() => {
      throw new Error('noise was drawn');
    });
    const { values } = await replay(
      ddim(),
      exactDenoiser(gaussianMixture().mixture),
      start(grid[0]!),
      grid,
      never,
    );
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it.each([0.25, 0.5, 1])('draws anew η² of the posterior variance: eta %d', async (eta) => {
    const from = { t: 1, alpha: 0.6, sigma: 0.8 };
    const to = { t: 0, alpha: 0.8, sigma: 0.6 };
    const denoiser: Denoiser = (x) => tensor(new Float32Array(x.size), x.shape);
    const step = async (x: number, noise: number) => {
      const rng = scriptedRng((_k, count) => new Float32Array(count).fill(noise));
      return (await replay(ddim({ eta }), denoiser, floats([x], [1, 1]), [from, to], rng))
        .values[0]!;
    };
    const drawn = eta ** 2 * posterior(from, to).variance;
    expect((await step(0, 1)) ** 2).toBeCloseTo(drawn, 6);
    // What is kept of ε and what is drawn make up the whole of σ².
    expect(((await step(0.8, 0)) ** 2 + drawn) / to.sigma ** 2).toBeCloseTo(1, 5);
  });

  it('takes the noise from the raw estimate, or from the clipped one when asked to', async () => {
    // x = 0.8·D + 0.6·ε with D = 3 clipped to 1; the raw ε is −4, the recomputed −4/3.
    const grid = [
      { t: 1, alpha: 0.8, sigma: 0.6 },
      { t: 0, alpha: 0.96, sigma: 0.28 },
    ];
    const denoiser: Denoiser = (x) => tensor(new Float32Array(x.size).fill(3), x.shape);
    const step = async (recomputeNoise: boolean) => {
      const sampler = ddim({ clip: 1, recomputeNoise });
      return (await replay(sampler, denoiser, floats([0], [1, 1]), grid, createRng(0))).values[0]!;
    };
    expect(await step(false)).toBeCloseTo(0.96 - 0.28 * 4, 6);
    expect(await step(true)).toBeCloseTo(0.96 - (0.28 * 4) / 3, 6);
  });

  it('begins at zero terminal SNR with the noise itself', async () => {
    // At α = 0, ε̂ = x and D = −v, so that the first step is α'D + σ'x.
    const grid = trailingGrid(linear({ zeroTerminalSnr: true }), 5);
    const denoiser = elementwiseDenoiser((x) => Math.sin(x), velocityPrediction().coefficients);
    const { trace } = await replay(ddim(), denoiser, floats([0.7], [1, 1]), grid, createRng(0));
    const { alpha, sigma } = grid[1]!;
    expect(trace[0]).toBeCloseTo(-alpha * Math.sin(0.7) + sigma * 0.7, 6);
  });

  it.each([{ eta: -0.1 }, { eta: 1.1 }, { eta: Number.NaN }])('refuses %j', (options) => {
    expect(() => ddim(options)).toThrow(/eta is .*at least 0 and at most 1/);
  });
});
