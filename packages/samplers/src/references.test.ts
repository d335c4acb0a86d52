/** Loops of improved-diffusion, smalldiffusion and k-diffusion, recorded in float64. */
import { exactDenoiser } from '@tweedie/denoisers';
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { type Denoiser, floats, type Level, noisePrediction } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { fullGrid, linear } from '@tweedie/schedules';
import {
  elementwiseDenoiser,
  goldenDraw,
  replay,
  schedulerReferences,
  scriptedRng,
} from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';

/** The points of the recorded runs, six of two numbers. */
const points = Array.from({ length: 6 }, (_, i) => [
  Math.sin(1.3 * i + 0.2),
  Math.cos(0.7 * i - 0.4),
]).flat();

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

function expectNear(values: Float32Array, wanted: readonly number[], tolerance: number): void {
  expect(values).toHaveLength(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs(values[i]! - value)).toBeLessThan(tolerance);
  });
}

describe('improved-diffusion, 50 linear steps', () => {
  const golden = schedulerReferences.improved_diffusion;
  const schedule = linear({ steps: 50, betaStart: 0.002, betaEnd: 0.4 });
  const start = floats(
    Array.from({ length: 32 }, (_, j) => Math.sin(j)),
    [2, 1, 4, 4],
  );
  // eps = √(1 − ᾱ) x/(ᾱ/3 + 1 − ᾱ), the best guess for data of variance 1/3.
  const denoiser: Denoiser = (x, level) =>
    elementwiseDenoiser(
      (value) => (level.sigma * value) / (level.alpha ** 2 / 3 + level.sigma ** 2),
      noisePrediction().coefficients,
    )(x, level);

  it.each([
    ['p_sample_loop, FIXED_SMALL', ddpm({ clip: 1 }), golden.p_sample_loop_FIXED_SMALL.out],
    [
      'p_sample_loop, FIXED_LARGE',
      ddpm({ clip: 1, variance: 'fixedLarge' }),
      golden.p_sample_loop_FIXED_LARGE.out,
    ],
    ['ddim_sample_loop', ddim({ clip: 1 }), golden.ddim_sample_loop_eta0_FIXED_LARGE.out],
  ] as const)('%s', async (_name, sampler, wanted) => {
    const { values } = await replay(
      sampler,
      denoiser,
      start,
      fullGrid(schedule),
      scriptedRng(goldenDraw),
    );
    expectNear(values, wanted, 1e-5);
  });
});

describe('exact denoiser of a mixture, data unscaled', () => {
  const denoiser = exactDenoiser(gaussianMixture({ weights: [0.8, 0.2] }).mixture);
  const start = floats(
    points.map((value) => 10 * value),
    [6, 2],
  );
  const grid = (sigmas: readonly number[]): Level[] =>
    sigmas.map((sigma, i) => ({ t: sigmas.length - 1 - i, alpha: 1, sigma }));
  const { k_diffusion, smalldiffusion } = schedulerReferences;
  const karras = grid(k_diffusion.karras_12_0p02_10);

  it.each([
    [
      'k-diffusion sample_euler_ancestral',
      ddim({ eta: 1 }),
      karras,
      k_diffusion.sample_euler_ancestral.out,
    ],
    [
      'k-diffusion sample_euler_ancestral, by ancestral sampling',
      ddpm(),
      karras,
      k_diffusion.sample_euler_ancestral.out,
    ],
    [
      'k-diffusion sample_euler_ancestral, eta 0',
      ddim(),
      karras,
      k_diffusion.sample_euler_ancestral_eta0.out,
    ],
    [
      'smalldiffusion samples, gam 1, mu 0',
      ddim(),
      grid(smalldiffusion.sample_sigmas_20),
      smalldiffusion.samples_ddim.out,
    ],
  ] as const)('%s', async (_name, sampler, levels, wanted) => {
    const { values } = await replay(sampler, denoiser, start, levels, scriptedRng(goldenDraw));
    expectNear(values, wanted.flat(), 1e-4);
  });
});
