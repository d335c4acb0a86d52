import { exactDenoiser } from '@tweedie/denoisers';
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend, tensor } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import { createRng, floats } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { linear, linspaceGrid } from '@tweedie/schedules';
import { replay } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { ddimInversion } from './ddim-inversion.js';
import { runSampler } from './run-sampler.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

describe('ddimInversion', () => {
  const data = gaussianMixture({ weights: [0.8, 0.2] });
  const denoiser = exactDenoiser(data.mixture);
  const points = data.batch(createRng(4), 0, 500).x;
  const shape = [500, 2];

  it('finds the noise from which DDIM makes the sample, with an error of order 1', async () => {
    // One Gaussian: between two modes the error of a point near the divide is no matter of steps.
    const single = gaussianMixture({ weights: [1], means: [0.6], standardDeviations: [0.3] });
    const data = single.batch(createRng(4), 0, 16).x;
    const errorOfTheWayBack = async (steps: number) => {
      const grid = linspaceGrid(linear(), steps);
      const upwards = [...grid].reverse();
      const rng = createRng(0);
      const noise = await replay(
        ddimInversion(),
        exactDenoiser(single.mixture),
        data,
        upwards,
        rng,
      );
      const start = floats(noise.values, [16, 1]);
      const back = await replay(ddim(), exactDenoiser(single.mixture), start, grid, rng);
      return Math.max(...back.values.map((value, i) => Math.abs(value - data.data[i]!)));
    };
    const errors: number[] = [];
    for (const steps of [125, 250, 500]) errors.push(await errorOfTheWayBack(steps));
    expect(errors[2]).toBeLessThan(0.01);
    expect(errors[0]! / errors[1]!).toBeGreaterThan(1.7);
    expect(errors[1]! / errors[2]!).toBeGreaterThan(1.7);
  });

  it('makes standard normal noise of typical data', async () => {
    const upwards = linspaceGrid(linear(), 250).reverse();
    const { values } = await replay(ddimInversion(), denoiser, points, upwards, createRng(0));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.06);
    expect(Math.abs(square - 1)).toBeLessThan(0.1);
  });

  it('leaves no tensor behind, with and without clipping', async () => {
    const upwards = linspaceGrid(linear(), 5).reverse();
    for (const options of [{}, { clip: 1 }]) {
      await expectNoLeak(async () => {
        const start = tensor(points.data, shape);
        const rng = createRng(0);
        const end = await runSampler(ddimInversion(options), denoiser, start, upwards, { rng });
        end.dispose();
        start.dispose();
      });
    }
  });

  it('refuses a grid that goes from noise to data', () => {
    const start = tensor(points.data, shape);
    const rng = createRng(0);
    expect(() =>
      ddimInversion().sample(denoiser, start, linspaceGrid(linear(), 5), { rng }),
    ).toThrow(/from data to noise|has no noise/);
    start.dispose();
  });
});
