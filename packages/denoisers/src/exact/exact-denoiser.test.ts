import '@tensorflow/tfjs-backend-cpu';
import { onesLike, setBackend, tensor2d, zeros } from '@tensorflow/tfjs-core';
import { expectNoLeak, vjp } from '@tweedie/autodiff';
import type { Level } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { mixtureGolden } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { exactDenoiser, exactLogDensity, exactScore } from './exact-denoiser.js';

beforeAll(() => setBackend('cpu'));

const level = (alpha: number, sigma: number): Level => ({ t: 0, alpha, sigma });
const mixtures = {
  isotropic: gaussianMixture({
    weights: [...mixtureGolden.weights],
    means: mixtureGolden.means.flat(),
    standardDeviations: [mixtureGolden.standardDeviation],
  }),
  'of different spreads': gaussianMixture({
    weights: [1, 2, 3],
    means: [1, 0, -1, 1, 0.5, -2],
    standardDeviations: [0.1, 0.5, 1],
  }),
  correlated: gaussianMixture({
    weights: [0.3, 0.7],
    means: [1, 0, -1, 0.5],
    covariances: [1, 0.6, 0.6, 0.8, 0.2, -0.1, -0.1, 0.3],
  }),
};
const points = mixtureGolden.points;

describe.each(Object.entries(mixtures))('%s mixture', (_name, { mixture }) => {
  const denoiser = exactDenoiser(mixture);
  const score = exactScore(mixture);
  const logDensity = exactLogDensity(mixture);

  it.each([
    level(1, 0),
    level(1, 0.01),
    level(0.8, 0.6),
    level(1, 10),
    level(0, 1),
    level(1, Number.POSITIVE_INFINITY),
  ])('agrees with float64 at α = $alpha, σ = $sigma', async (at) => {
    const x = tensor2d(points.map((point) => [...point]));
    const noisy = mixture.at(at);
    const denoised = denoiser(x, at);
    const values = await denoised.data();
    for (const [i, point] of points.entries()) {
      const expected = mixture.posterior(point, at).mean;
      for (const j of [0, 1]) expect(values[2 * i + j]).toBeCloseTo(expected[j]!, 4);
    }
    const scoreTensor = score(x, at);
    const scores = await scoreTensor.data();
    for (const [i, point] of points.entries()) {
      for (const [j, expected] of noisy.score(point).entries()) {
        expect(Math.abs(scores[2 * i + j]! - expected)).toBeLessThan(
          1e-5 * (1 + Math.abs(expected)),
        );
      }
    }
    if (at.sigma < Number.POSITIVE_INFINITY) {
      const logDensities = logDensity(x, at);
      const logs = await logDensities.data();
      expect(logDensities.shape).toEqual([points.length]);
      for (const [i, point] of points.entries()) {
        const expected = noisy.logDensity(point);
        expect(Math.abs(logs[i]! - expected)).toBeLessThan(1e-5 * (1 + Math.abs(expected)));
      }
      logDensities.dispose();
    }
    for (const tensor of [x, denoised, scoreTensor]) tensor.dispose();
  });

  it('is differentiable: the score is the gradient of the log density', async () => {
    const at = level(0.8, 0.6);
    const x = tensor2d(points.map((point) => [...point]));
    const one = onesLike(logDensity(x, at));
    const { product } = vjp((y) => logDensity(y, at), x, one);
    const [found, expected] = [await product.data(), await score(x, at).data()];
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
  });

  it('is differentiable: ∂D/∂x = α/σ² Cov[x₀ | x]', async () => {
    const at = level(0.8, 0.6);
    const point = points[0]!;
    const x = tensor2d([[...point]]);
    for (const i of [0, 1]) {
      const row = tensor2d([[i === 0 ? 1 : 0, i === 1 ? 1 : 0]]);
      const found = await vjp((y) => denoiser(y, at), x, row).product.data();
      const { components, mean } = mixture.posterior(point, at);
      for (const j of [0, 1]) {
        const covariance = components.reduce((total, { weight, mean: m, variances, axes }) => {
          const within = variances.reduce((s, v, k) => {
            const axis = axes?.[k] ?? [k === 0 ? 1 : 0, k === 1 ? 1 : 0];
            return s + v * axis[i]! * axis[j]!;
          }, 0);
          return total + weight * (within + (m[i]! - mean[i]!) * (m[j]! - mean[j]!));
        }, 0);
        expect(found[j]).toBeCloseTo((at.alpha / at.sigma ** 2) * covariance, 4);
      }
    }
  });

  it('leaves no tensor behind', async () => {
    const x = tensor2d(points.map((point) => [...point]));
    await expectNoLeak(() => {
      for (const result of [
        denoiser(x, level(0.8, 0.6)),
        score(x, level(0.8, 0.6)),
        logDensity(x, level(0.8, 0.6)),
      ]) {
        result.dispose();
      }
    });
    x.dispose();
  });

  it('refuses x of another shape, and leaves nothing behind', async () => {
    const x = zeros([3, 4]);
    await expectNoLeak(() => {
      expect(() => denoiser(x, level(1, 1))).toThrow(/x has the shape \[3, 4\].*\[B, 2\]/);
      expect(() => score(x, level(1, 1))).toThrow(/x has the shape/);
      expect(() => logDensity(x, level(1, 1))).toThrow(/x has the shape/);
    });
    x.dispose();
  });
});
