import '@tensorflow/tfjs-backend-cpu';
import { mul, ready, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Level } from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import { exactDenoiser } from '@tweedie/denoisers';
import { beforeAll, describe, expect, it } from 'vitest';
import { scoreOf } from './score.js';

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
    const { mixture } = ncsnMixture();
    const denoiser = exactDenoiser(mixture);
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
