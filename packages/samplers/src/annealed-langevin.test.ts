import { denoiserFromScore, exactDenoiser, exactScore } from '@tweedie/denoisers';
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend, tensor } from '@tensorflow/tfjs-core';
import { createRng, type Denoiser, floats, type Level } from '@tweedie/core';
import { gaussianMixture, ncsnMixture } from '@tweedie/data';
import { fullGrid, geometric, repeatLevels } from '@tweedie/schedules';
import { goldenDraw, langevinGolden, replay, scriptedRng, testSampler } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { annealedLangevin } from './annealed-langevin.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

// With few iterations the chain lags behind the falling noise: too wide by 0.025 at 10 a level.
testSampler('annealed-langevin', () => annealedLangevin({ stepsPerLevel: 10 }));
testSampler(
  'annealed-langevin, without denoising',
  () => annealedLangevin({ stepsPerLevel: 2, denoise: false }),
  { endsOnData: false },
);

const denoiser = exactDenoiser(gaussianMixture({ weights: [0.8, 0.2] }).mixture);
const points = (scale: number) =>
  floats(
    langevinGolden.points.flat().map((value) => scale * value),
    [6, 2],
  );

function expectNear(values: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number) {
  expect(values).toHaveLength(wanted.length);
  Array.from(wanted).forEach((value, i) => {
    expect(Math.abs(values[i]! - value)).toBeLessThan(tolerance);
  });
}

describe('reference values', () => {
  const { ald_v2_denoise_False, ald_v2_denoise_True, toy_ald } = langevinGolden.ncsn;

  it.each([
    [false, ald_v2_denoise_False],
    [true, ald_v2_denoise_True],
  ] as const)('NCSNv2, denoise %s', async (denoise, golden) => {
    const sampler = annealedLangevin({
      stepSize: 2 * golden.step_lr,
      stepsPerLevel: golden.n_steps_each,
      denoise,
    });
    const grid = fullGrid(geometric({ steps: 10, sigmaMin: 0.05, sigmaMax: 5 }));
    const start = points(1);
    const { values } = await replay(sampler, denoiser, start, grid, scriptedRng(goldenDraw));
    // Fifty iterations in float32 of numbers up to 30, whose differences shrink as noise falls.
    expectNear(values, golden.out.flat(), 1e-5);
  });

  it("NCSN's toy", async () => {
    const score = exactScore(ncsnMixture().mixture);
    const sampler = annealedLangevin({
      stepSize: toy_ald.lr,
      stepsPerLevel: toy_ald.n_steps_each,
      denoise: false,
    });
    const grid = fullGrid(geometric({ steps: 10, sigmaMin: 1, sigmaMax: 20 }));
    // Their mixture at σ has the spread σ, which is the unit spread of ours with noise √(σ² − 1).
    const denoiser = denoiserFromScore((x, { t, sigma }) =>
      score(x, { t, alpha: 1, sigma: Math.sqrt(Math.max(0, sigma ** 2 - 1)) }),
    );
    const { values } = await replay(sampler, denoiser, points(8), grid, scriptedRng(goldenDraw));
    expectNear(values, toy_ald.out.flat(), 5e-5);
  });
});

describe('the levels of the grid', () => {
  const schedule = geometric({ steps: 4, sigmaMin: 0.1, sigmaMax: 2 });
  /** The level of each call of the network. */
  const calls = async (options: Parameters<typeof annealedLangevin>[0], grid: Level[]) => {
    const seen: number[] = [];
    const counting: Denoiser = (x, level) => {
      seen.push(level.t);
      return denoiser(x, level);
    };
    await replay(annealedLangevin(options), counting, points(1), grid, createRng(1));
    return seen;
  };

  it('are visited once, T times each, and the data are denoised once more', async () => {
    const visits = [3, 3, 2, 2, 1, 1, 0, 0];
    expect(await calls({ stepsPerLevel: 2 }, fullGrid(schedule))).toEqual([...visits, 0]);
    expect(await calls({ stepsPerLevel: 2, denoise: false }, fullGrid(schedule))).toEqual(visits);
    const final = fullGrid(schedule, { final: 'first' });
    expect(await calls({ stepsPerLevel: 2 }, final)).toEqual(visits);
  });

  it('make the same states whether the grid ends clean or where it is', async () => {
    const run = async (final: 'clean' | 'first', denoise: boolean) => {
      const sampler = annealedLangevin({ stepsPerLevel: 3, denoise });
      const grid = fullGrid(schedule, { final });
      return replay(sampler, denoiser, points(1), grid, createRng(2));
    };
    expect(await run('clean', false)).toEqual(await run('first', true));
  });

  it('give every iteration when they are repeated, with the same numbers', async () => {
    const run = (stepsPerLevel: number, grid: Level[]) => {
      const sampler = annealedLangevin({ stepSize: 0.001, stepsPerLevel });
      return replay(sampler, denoiser, points(1), grid, createRng(3));
    };
    const whole = await run(5, fullGrid(schedule));
    const each = await run(1, repeatLevels(fullGrid(schedule), 5));
    expect(each.values).toEqual(whole.values);
    expect(each.trace).toHaveLength(20);
    expect(each.trace.filter((_value, i) => i % 5 === 4)).toEqual(whole.trace);
  });

  it('are walked on x/α where data are scaled', async () => {
    const plain = fullGrid(schedule);
    const scaled = plain.map(({ t, sigma }, i) => {
      const alpha = sigma === 0 ? 1 : 0.3 + 0.1 * i;
      return { t, alpha, sigma: alpha * sigma };
    });
    const run = async (grid: Level[], options = {}) => {
      const sampler = annealedLangevin({ stepSize: 0.002, stepsPerLevel: 4, ...options });
      const start = points(grid[0]!.alpha);
      return (await replay(sampler, denoiser, start, grid, createRng(4))).values;
    };
    // The same in exact arithmetic; float32 rounds x and x/α apart, over 16 iterations.
    expectNear(await run(scaled), await run(plain), 1e-5);
    const open = { denoise: false };
    expectNear(await run(scaled, open), await run(plain, open), 1e-5);
  });

  it('may begin at pure noise, whose step is ε σ²/(σ_L/α_L)²', async () => {
    const grid = [
      { t: 1, alpha: 0, sigma: 1 },
      { t: 0, alpha: 0.8, sigma: 0.6 },
    ];
    const one = floats([2], [1, 1]);
    const noise = scriptedRng((_k, count) => new Float32Array(count).fill(0.5));
    const sampler = annealedLangevin({ stepSize: 0.09, stepsPerLevel: 1 });
    const { values } = await replay(sampler, () => tensor([[0]]), one, grid, noise);
    // σ_L/α_L = 0.75, so 0.16: 2 − 0.08·2 + 0.4·0.5, times 0.6 of the next level's noise.
    expect(values[0]).toBeCloseTo(0.6 * 2.04, 6);
  });
});

describe('errors', () => {
  const level = (sigma: number): Level => ({ t: sigma, alpha: 1, sigma });
  const sample = (sigmas: number[]) => async () =>
    replay(annealedLangevin(), denoiser, points(1), sigmas.map(level), createRng(1));

  it('name the level at which a list of σ rises', async () => {
    await expect(sample([1, 2, 0])()).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringMatching(/annealed-langevin: noise grows to level 1 .*σ = 2/),
    });
    await expect(sample([0.01, 0.1, 1])()).rejects.toThrow(/from noise to data/);
  });

  it('name a bad option', () => {
    expect(() => annealedLangevin({ stepSize: 0 })).toThrow(/stepSize is 0.*above 0/);
    expect(() => annealedLangevin({ stepsPerLevel: 0 })).toThrow(/stepsPerLevel is 0/);
  });

  it('come between two iterations when the signal is aborted there', async () => {
    const controller = new AbortController();
    let calls = 0;
    const aborting: Denoiser = (x, at) => {
      if (++calls === 3) controller.abort();
      return denoiser(x, at);
    };
    const x = tensor([[1, 1]]);
    const walk = annealedLangevin().sample(aborting, x, [level(1), level(0)], {
      rng: createRng(1),
      signal: controller.signal,
    });
    await expect(walk.next()).rejects.toMatchObject({ code: 'ABORTED' });
    expect(calls).toBe(3);
    x.dispose();
  });
});
