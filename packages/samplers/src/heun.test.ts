import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { createRng, type Denoiser, floats, type Level } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { exactDenoiser } from '@tweedie/denoisers';
import { linear, trailingGrid } from '@tweedie/schedules';
import {
  elementwiseDenoiser,
  goldenModel,
  goldenSample,
  goldenShape,
  replay,
  schedulerReferences,
  secondOrderLoopCases,
  testSampler,
} from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import {
  expectGolden,
  recordedCoefficients,
  recordedLevels,
  rngOf,
} from './golden-loop.testing.js';
import { heun } from './heun.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

testSampler('heun', () => heun());
testSampler('heun, clipped', () => heun({ clip: 3 }));

describe("heun against diffusers' loops", () => {
  const loops = secondOrderLoopCases.filter(({ scheduler }) => scheduler.startsWith('Heun'));

  it.each(loops.map((loop) => [loop.name, loop] as const))('%s', async (_name, loop) => {
    // diffusers lists each level but the ends twice, once for each stage, and traces both stages.
    const secondStages = <T>(list: readonly T[]) => list.filter((_, i) => i % 2 === 1);
    const levels = recordedLevels(loop);
    const trace = loop.probe_trace as number[];
    const grid = [levels[0]!, ...secondStages(levels)];
    const start = goldenSample().map((value) => value * loop.init_noise_sigma!);
    const done = await replay(
      heun(),
      elementwiseDenoiser(goldenModel(loop.model), recordedCoefficients(loop)),
      floats(start, goldenShape),
      grid,
      rngOf(loop),
      loop.probe_index,
    );
    expectGolden({ ...loop, probe_trace: [...secondStages(trace), trace.at(-1)!] }, done);
  });
});

describe('heun against k-diffusion', () => {
  it('sample_heun on the exact mixture', async () => {
    const { karras_12_0p02_10, sample_heun } = schedulerReferences.k_diffusion;
    const grid: Level[] = karras_12_0p02_10.map((sigma, i) => ({ t: 12 - i, alpha: 1, sigma }));
    const points = Array.from({ length: 6 }, (_, i) => [
      10 * Math.sin(1.3 * i + 0.2),
      10 * Math.cos(0.7 * i - 0.4),
    ]);
    const denoiser = exactDenoiser(gaussianMixture({ weights: [0.8, 0.2] }).mixture);
    let evaluations = 0;
    const counting: Denoiser = (x, level) => {
      evaluations++;
      return denoiser(x, level);
    };
    const { values } = await replay(
      heun(),
      counting,
      floats(points.flat(), [6, 2]),
      grid,
      createRng(0),
    );
    expect(evaluations).toBe(sample_heun.nfe);
    sample_heun.out.flat().forEach((wanted, i) => {
      // Recorded in float64; ours runs in float32 from states of size 10.
      expect(Math.abs(values[i]! - wanted)).toBeLessThan(1e-4);
    });
  });
});

describe('one step of heun', () => {
  it('to the data is one of DDIM', async () => {
    const grid = trailingGrid(linear(), 1);
    const start = floats([0.3, -1.2], [2, 1]);
    const denoiser = elementwiseDenoiser(
      (x) => Math.tanh(x),
      () => ({ skip: 0, out: 1, in: 1 }),
    );
    const both = await Promise.all(
      [heun(), ddim()].map((sampler) => replay(sampler, denoiser, start, grid, createRng(0))),
    );
    expect(both[0]!.values).toEqual(both[1]!.values);
  });
});
