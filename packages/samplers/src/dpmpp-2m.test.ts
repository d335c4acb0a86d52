import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { createRng, floats, type Level, levelAtHalfLogSnr } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { exactDenoiser } from '@tweedie/denoisers';
import { linear, trailingGrid } from '@tweedie/schedules';
import {
  elementwiseDenoiser,
  goldenModel,
  goldenNoise,
  goldenSample,
  goldenShape,
  replay,
  type SchedulerLoop,
  schedulerReferences,
  secondOrderLoopCases,
  testSampler,
} from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { dpmpp2m } from './dpmpp-2m.js';
import {
  expectGolden,
  recordedCoefficients,
  recordedLevels,
  rngOf,
} from './golden-loop.testing.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

testSampler('dpmpp-2m', () => dpmpp2m());
testSampler('dpmpp-2m, heun, clipped', () => dpmpp2m({ solver: 'heun', clip: 3 }));
testSampler('dpmpp-2m, last step of first order', () => dpmpp2m({ lowerOrderFinal: true }));

/** diffusers' configuration as ours. */
function samplerOf({ config }: SchedulerLoop) {
  return dpmpp2m({
    solver: config.solver_type === 'heun' ? 'heun' : 'midpoint',
    lowerOrderFinal: config.euler_at_final ?? false,
    ...(config.thresholding === true
      ? { threshold: config.dynamic_thresholding_ratio, thresholdMax: config.sample_max_value }
      : {}),
  });
}

/** Where the recorded loop begins: the sample, scaled or noised as diffusers' tests do. */
function startOf({ loop, init_noise_sigma, t_start }: SchedulerLoop, { alpha, sigma }: Level) {
  const sample = goldenSample();
  if (t_start !== undefined) {
    const noise = goldenNoise();
    return sample.map((value, i) => alpha * value + sigma * noise[i]!);
  }
  return sample.map((value) => value * (loop === 'scale-separate' ? init_noise_sigma! : 1));
}

describe("dpmpp-2m against diffusers' loops", () => {
  const loops = secondOrderLoopCases.filter(({ scheduler }) => scheduler.includes('DPMSolver'));

  it.each(loops.map((loop) => [loop.name, loop] as const))('%s', async (_name, loop) => {
    const grid = recordedLevels(loop).slice(loop.t_start ?? 0);
    const done = await replay(
      samplerOf(loop),
      elementwiseDenoiser(goldenModel(loop.model), recordedCoefficients(loop)),
      floats(startOf(loop, grid[0]!), goldenShape),
      grid,
      rngOf(loop),
      loop.probe_index,
    );
    expectGolden(loop, done);
  });
});

describe('dpmpp-2m against the official DPM-Solver', () => {
  it('multistep of order 2, 12 steps of uniform time', async () => {
    const { out } = schedulerReferences.dpm_solver_official['dpmsolver++_multistep_o2'];
    const points = Array.from({ length: 6 }, (_, i) => [
      Math.sin(1.3 * i + 0.2),
      Math.cos(0.7 * i - 0.4),
    ]);
    // VP with β from 0.1 to 20, in closed form.
    const grid = Array.from({ length: 13 }, (_, i) => {
      const t = 1 + (i / 12) * (1e-3 - 1);
      const logAlpha = -(t ** 2 * 19.9) / 4 - (t * 0.1) / 2;
      return { t, alpha: Math.exp(logAlpha), sigma: Math.sqrt(-Math.expm1(2 * logAlpha)) };
    });
    const { values } = await replay(
      dpmpp2m(),
      exactDenoiser(gaussianMixture({ weights: [0.8, 0.2] }).mixture),
      floats(points.flat(), [6, 2]),
      grid,
      createRng(0),
    );
    out.flat().forEach((wanted, i) => {
      // Recorded in float64; ours runs in float32.
      expect(Math.abs(values[i]! - wanted)).toBeLessThan(2e-5);
    });
  });
});

describe('steps of dpmpp-2m', () => {
  const denoiser = elementwiseDenoiser(
    (x) => Math.tanh(x),
    () => ({ skip: 0, out: 1, in: 1 }),
  );
  const start = floats([0.3, -1.2], [2, 1]);

  it('are of first order at the start: one step is DDIM', async () => {
    const grid = [700, 300].map((t) => ({ t, alpha: linear().alpha(t), sigma: linear().sigma(t) }));
    const [ours, theirs] = await Promise.all(
      [dpmpp2m(), ddim()].map((sampler) => replay(sampler, denoiser, start, grid, createRng(0))),
    );
    ours!.values.forEach((value, i) => {
      expect(value).toBeCloseTo(theirs!.values[i]!, 6);
    });
  });

  it('are DDIM throughout where the estimate of the data does not change', async () => {
    const constant = elementwiseDenoiser(
      () => 0.25,
      () => ({ skip: 0, out: 1, in: 1 }),
    );
    const grid = trailingGrid(linear(), 10, { final: 'first' });
    const [ours, theirs] = await Promise.all(
      [dpmpp2m(), ddim()].map((sampler) => replay(sampler, constant, start, grid, createRng(0))),
    );
    ours!.values.forEach((value, i) => {
      expect(value).toBeCloseTo(theirs!.values[i]!, 5);
    });
  });

  it('use the length of the step before: uneven grids keep second order', async () => {
    const exact = exactDenoiser(gaussianMixture().mixture);
    const schedule = linear();
    const at = (steps: number): Level[] =>
      Array.from({ length: steps + 1 }, (_, i) => {
        const u = i / steps;
        return levelAtHalfLogSnr(schedule, -2 + 5 * (u + 0.12 * Math.sin(2 * Math.PI * u)));
      });
    const ends: number[] = [];
    for (const steps of [20, 40, 80]) {
      const from = floats([0.9, -0.4], [1, 2]);
      const { values } = await replay(dpmpp2m(), exact, from, at(steps), createRng(0));
      ends.push(values[0]!);
    }
    const { values } = await replay(
      dpmpp2m(),
      exact,
      floats([0.9, -0.4], [1, 2]),
      at(640),
      createRng(0),
    );
    const errors = ends.map((value) => Math.abs(value - values[0]!));
    expect(Math.log2(errors[0]! / errors[1]!)).toBeGreaterThan(1.7);
  });
});
