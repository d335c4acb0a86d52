/**
 * The toy of Song & Ermon (2019), figures 2 and 3, with the exact score: Langevin dynamics gets the
 * weights of far modes wrong, annealed Langevin dynamics gets them right. 0.8 N((5, 5), I) +
 * 0.2 N((−5, −5), I), 1280 samples from U[−8, 8]², here twice.
 */
import { denoiserFromScore, exactDenoiser } from '@tweedie/denoisers';
import '@tensorflow/tfjs-backend-cpu';
import { add, mul, ready, setBackend, sub, sum, tanh, tensor, tidy } from '@tensorflow/tfjs-core';
import { createRng, type Denoiser, type Level, type Sampler } from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import { fullGrid, geometric } from '@tweedie/schedules';
import { beforeAll, describe, expect, it } from 'vitest';
import { annealedLangevin } from './annealed-langevin.js';
import { langevin } from './langevin.js';
import { runSampler } from './run-sampler.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const count = 1280;
const groups = 2;

/**
 * The score of 0.8 N((5, 5), v I) + 0.2 N((−5, −5), v I), in closed form: (m tanh(m·x/v + ln(4)/2) −
 * x)/v. Cheaper than that of any mixture.
 */
const toyScore = (variance: (level: Level) => number): Denoiser =>
  denoiserFromScore((x, level) =>
    tidy(() => {
      const v = variance(level);
      const side = tanh(add(mul(sum(x, 1, true), 5 / v), Math.log(4) / 2));
      return mul(sub(mul(side, 5), x), 1 / v);
    }),
  );

/** The share of each group of samples that lies nearer to (5, 5). */
async function weights(sampler: Sampler, denoiser: Denoiser, grid: Level[], seed: number) {
  const rng = createRng(seed);
  const shape = [groups * count, 2];
  const start = tensor(rng.fork('start').uniform(shape, -8, 8).data, shape);
  const end = await runSampler(sampler, denoiser, start, grid, { rng: rng.fork('steps') });
  const values = await end.data();
  start.dispose();
  end.dispose();
  return Array.from({ length: groups }, (_, group) => {
    let upper = 0;
    for (let i = group * count; i < (group + 1) * count; i++) {
      if (values[2 * i]! + values[2 * i + 1]! > 0) upper++;
    }
    return upper / count;
  });
}

describe('the weight of the mode of 0.8', () => {
  it('is a half by Langevin dynamics', async () => {
    const grid = new Array<Level>(1001).fill({ t: 0, alpha: 1, sigma: 1 });
    const sampler = langevin({ stepSize: 0.1, checkFinite: false });
    for (const weight of await weights(
      sampler,
      toyScore(() => 1),
      grid,
      1,
    )) {
      expect(Math.abs(weight - 0.5)).toBeLessThan(0.04);
    }
  });

  it('is right by annealed Langevin dynamics', async () => {
    // The toy's mixture at σ has the spread σ, not √(1 + σ²); so σ = 1 is the target.
    const grid = fullGrid(geometric({ steps: 10, sigmaMin: 1, sigmaMax: 20 }));
    const sampler = annealedLangevin({ stepSize: 0.1, denoise: false, checkFinite: false });
    const denoiser = toyScore(({ sigma }) => sigma ** 2);
    for (const weight of await weights(sampler, denoiser, grid, 2)) {
      expect(Math.abs(weight - 0.8)).toBeLessThan(0.04);
    }
  });
});

it('has the score of the mixture', async () => {
  const level = { t: 0, alpha: 1, sigma: 1.5 };
  const x = tensor([0.3, -1.2, 4.1, 5.7, -4, -6.5], [3, 2]);
  const ours = await toyScore(({ sigma }) => 1 + sigma ** 2)(x, level);
  const exact = await exactDenoiser(ncsnMixture().mixture)(x, level);
  const wanted = await exact.data();
  (await ours.data()).forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, 4);
  });
  for (const used of [x, ours, exact]) used.dispose();
});
