import '@tensorflow/tfjs-backend-cpu';
import { ones, tensor2d, zeros } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import { floats } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { describe, expect, it } from 'vitest';
import { empiricalDenoiser } from './empirical-denoiser.js';

const items = floats([1, 2, -1, 0.5, 0.25, -2], [3, 2]);
const points = [
  [0.3, 0.2],
  [-1, 1],
  [2, -3],
];
const level = (alpha: number, sigma: number) => ({ t: 0, alpha, sigma });

describe('empiricalDenoiser', () => {
  it.each([
    [1, 0.5],
    [0.6, 0.8],
    [1, 20],
  ])('is the posterior mean of a mixture of points at α = %d, σ = %d', async (alpha, sigma) => {
    // Points as Gaussians so narrow that float64 loses their variance in that of the noise.
    const { mixture } = gaussianMixture({
      weights: [1, 1, 1],
      means: [...items.data],
      standardDeviations: [1e-9],
    });
    const denoiser = empiricalDenoiser({ items });
    const x = tensor2d(points);
    const denoised = await denoiser(x, level(alpha, sigma));
    const exact = points.flatMap((at) => mixture.posterior(at, { alpha, sigma }).mean);
    const values = await denoised.data();
    // Rounding of float32: values up to 3, scalar products with a few roundings each.
    for (const [i, value] of exact.entries()) expect(values[i]).toBeCloseTo(value, 5);
    for (const tensor of [x, denoised]) tensor.dispose();
    await denoiser.dispose();
  });

  it('is the nearest item without noise, and the mean at pure noise', async () => {
    const denoiser = empiricalDenoiser({ items });
    const x = tensor2d([
      [0.9, 1.5],
      [0, -4],
    ]);
    expect([...(await (await denoiser(x, level(1, 0))).data())]).toEqual([1, 2, 0.25, -2]);
    for (const pure of [level(0, 1), level(1, Number.POSITIVE_INFINITY)]) {
      const values = await (await denoiser(x, pure)).data();
      for (const i of [0, 1]) {
        expect(values[2 * i]).toBeCloseTo(0.25 / 3, 6);
        expect(values[2 * i + 1]).toBeCloseTo(0.5 / 3, 6);
      }
    }
  });

  it('denoises items of any shape', async () => {
    const denoiser = empiricalDenoiser({
      items: floats(new Float32Array(32).fill(2), [2, 4, 4, 1]),
    });
    const y = await denoiser(ones([3, 4, 4, 1]), level(1, 1));
    expect(y.shape).toEqual([3, 4, 4, 1]);
    expect(new Set(await y.data())).toEqual(new Set([2]));
  });

  it('leaves nothing but its results, and nothing after dispose', async () => {
    await expectNoLeak(async () => {
      const denoiser = empiricalDenoiser({ items });
      const x = zeros([1, 2]);
      await expectNoLeak(async () => (await denoiser(x, level(1, 1))).dispose());
      const flat = zeros([1]);
      await expect(denoiser(flat, level(1, 1))).rejects.toThrow('Allowed: [B, 2]');
      flat.dispose();
      await denoiser.dispose();
      await denoiser.dispose();
      await expect(denoiser(x, level(1, 1))).rejects.toThrow('it was disposed');
      x.dispose();
    });
  });

  it('refuses to hold nothing', () => {
    expect(() => empiricalDenoiser({ items: floats([], [0, 2]) })).toThrow(/there are no items/);
  });
});
