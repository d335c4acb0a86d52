import '@tensorflow/tfjs-backend-cpu';
import { add, memory, mul, ready, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import type { Level } from '@tweedie/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { denoiserFromScore } from './denoiser-from-score.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const points = () => tensor([0.3, -1.2, 4.1, 5.7, -4, -6.5], [3, 2]);
const values = async (x: Tensor) => [...(await x.data())];

describe('denoiserFromScore', () => {
  it('carries any score to any level and back', async () => {
    const property = fc.asyncProperty(
      fc.double({ min: 0.1, max: 3, noNaN: true }),
      fc.double({ min: 0.3, max: 3, noNaN: true }),
      async (alpha, sigma) => {
        const level = { t: 0, alpha, sigma };
        const x = points();
        const given = add(mul(x, 0.5), 1);
        const denoised = await denoiserFromScore(() => given.clone())(x, level);
        const [state, estimate] = [await values(x), await values(denoised)];
        // Rounding of x (at most 6.5) and of σ²s (at most 5σ²), four times, by 1/σ².
        const tolerance = 4 * 6e-8 * (6.5 / sigma ** 2 + 5);
        (await values(given)).forEach((wanted, i) => {
          const score = (alpha * estimate[i]! - state[i]!) / sigma ** 2;
          expect(Math.abs(score - wanted)).toBeLessThan(tolerance);
        });
        for (const used of [x, given, denoised]) used.dispose();
      },
    );
    await fc.assert(property, { numRuns: 30, seed: 1 });
  });

  it('takes a score that answers later, tells it the level and disposes what it gave', async () => {
    const seen: Level[] = [];
    const x = points();
    const level = { t: 3, alpha: 1, sigma: 1 };
    await expectNoLeak(async () => {
      const denoiser = denoiserFromScore(async (at, where) => {
        seen.push(where);
        await Promise.resolve();
        return mul(at, -1);
      });
      (await denoiser(x, level)).dispose();
    });
    expect(seen).toEqual([level]);
    expect(x.isDisposed).toBe(false);
    x.dispose();
  });

  it('changes nothing at the clean level', async () => {
    const x = points();
    const denoiser = denoiserFromScore((at) => mul(at, Number.NaN));
    const denoised = await denoiser(x, { t: -1, alpha: 1, sigma: 0 });
    expect(await values(denoised)).toEqual(await values(x));
    x.dispose();
    denoised.dispose();
  });

  it('is refused at pure noise, with nothing left', async () => {
    const x = points();
    const before = memory().numTensors;
    const denoiser = denoiserFromScore((at) => mul(at, -1));
    await expect((async () => denoiser(x, { t: 9, alpha: 0, sigma: 1 }))()).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringMatching(/α = 0/),
    });
    expect(memory().numTensors).toBe(before);
    x.dispose();
  });
});
