import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import { createRng, levelAt } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { exactDenoiser } from '@tweedie/denoisers';
import { linear, trailingGrid, ve } from '@tweedie/schedules';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddpm } from './ddpm.js';
import { initialNoise, runSampler } from './run-sampler.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

describe('initialNoise', () => {
  it('is σ times the normal numbers of the stream, item for item', async () => {
    const level = levelAt(ve({ sigmaMax: 50 }), 1);
    const noise = initialNoise(createRng(1), [3, 2], level);
    const values = [...(await noise.data())];
    const normal = createRng(1).normal([3, 2]).data;
    expect(noise.shape).toEqual([3, 2]);
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(50 * normal[i]!, 4);
    });
    const last = initialNoise(createRng(1).fromItem(2), [1, 2], level);
    expect([...(await last.data())]).toEqual(values.slice(4));
    noise.dispose();
    last.dispose();
  });
});

describe('runSampler', () => {
  it('gives the last state and leaves nothing else', async () => {
    const denoiser = exactDenoiser(gaussianMixture().mixture);
    const grid = trailingGrid(linear(), 20);
    await expectNoLeak(async () => {
      const rng = createRng(2);
      const start = initialNoise(rng, [5, 2], grid[0]!);
      const end = await runSampler(ddpm(), denoiser, start, grid, { rng });
      expect(end.shape).toEqual([5, 2]);
      // Each sample lies near one of the two modes.
      const values = await end.data();
      for (const value of values) expect(Math.abs(Math.abs(value) - 1)).toBeLessThan(1.2);
      expect(start.isDisposed).toBe(false);
      start.dispose();
      end.dispose();
    });
  });

  it('passes the signal on', async () => {
    const denoiser = exactDenoiser(gaussianMixture().mixture);
    const grid = trailingGrid(linear(), 5);
    const start = initialNoise(createRng(2), [5, 2], grid[0]!);
    const context = { rng: createRng(2), signal: AbortSignal.abort() };
    await expect(runSampler(ddpm(), denoiser, start, grid, context)).rejects.toMatchObject({
      code: 'ABORTED',
    });
    start.dispose();
  });
});
