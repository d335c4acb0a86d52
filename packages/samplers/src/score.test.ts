import '@tensorflow/tfjs-backend-cpu';
import { add, memory, mul, ready, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import type { Level } from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { denoiserFromScore, scoreOf } from './score.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const points = () => tensor([0.3, -1.2, 4.1, 5.7, -4, -6.5], [3, 2]);
const values = async (x: Tensor) => [...(await x.data())];

describe('scoreOf', () => {
  it.each<[string, Level]>([
    ['data unscaled', { t: 1, alpha: 1, sigma: 2 }],
    ['variance preserved', { t: 1, alpha: 0.6, sigma: 0.8 }],
    ['little noise', { t: 1, alpha: 1, sigma: 0.1 }],
  ])('is the score of the exact denoiser: %s', async (_name, level) => {
    const { denoiser, mixture } = ncsnMixture();
    const x = points();
    const denoised = await denoiser(x, level);
    const score = scoreOf(denoised, x, level);
    const flat = await values(x);
    const exact = [0, 2, 4].flatMap((i) => mixture.at(level).score(flat.slice(i, i + 2)));
    // float32's 6·10⁻⁸ of αD and of x, a few times, by 1/σ².
    const tolerance = 4 * 6e-8 * (6.5 / level.sigma ** 2) + 1e-6;
    (await values(score)).forEach((value, i) => {
      expect(Math.abs(value - exact[i]!)).toBeLessThan(tolerance);
    });
    for (const used of [x, denoised, score]) used.dispose();
  });

  it('is −x/σ² at pure noise, whatever the estimate', async () => {
    const x = points();
    const nothing = mul(x, Number.NaN);
    const score = scoreOf(nothing, x, { t: 1, alpha: 0, sigma: 2 });
    const wanted = (await values(x)).map((value) => -value / 4);
    (await values(score)).forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 6);
    });
    for (const used of [x, nothing, score]) used.dispose();
  });

  it('is refused where there is no noise', () => {
    const x = points();
    expect(() => scoreOf(x, x, { t: -1, alpha: 1, sigma: 0 })).toThrow(/without noise .*t = -1/);
    x.dispose();
  });
});

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
        const score = scoreOf(denoised, x, level);
        const wanted = await values(given);
        // Rounding of x (at most 6.5) and of σ²s (at most 5σ²), four times, by 1/σ².
        const tolerance = 4 * 6e-8 * (6.5 / sigma ** 2 + 5);
        (await values(score)).forEach((value, i) => {
          expect(Math.abs(value - wanted[i]!)).toBeLessThan(tolerance);
        });
        for (const used of [x, given, denoised, score]) used.dispose();
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
