import { createRng, floats } from '@tweedie/core';
import { mixtureGolden } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { gaussianMixture } from './gaussian-mixture.js';
import { ncsnMixture } from './ncsn-mixture.js';

describe('gaussianMixture', () => {
  const data = gaussianMixture({
    weights: [3, 1],
    means: [1, 0, 0, -1, 0, 2],
    standardDeviations: [0.5, 2],
  });

  it('reads its lists as one component after the other', () => {
    expect(data.mixture.components).toEqual([
      { weight: 0.75, mean: [1, 0, 0], variances: [0.25, 0.25, 0.25] },
      { weight: 0.25, mean: [-1, 0, 2], variances: [4, 4, 4] },
    ]);
    expect(data).toMatchObject({ name: 'gaussian-mixture', itemShape: [3], classes: 2 });
    const one = gaussianMixture({ weights: [1, 1, 2], means: [0, 1, 2], standardDeviations: [3] });
    expect(one.mixture.components.map(({ variances }) => variances)).toEqual([[9], [9], [9]]);
  });

  it('takes full covariances', () => {
    const correlated = gaussianMixture({ weights: [1], means: [0, 0], covariances: [2, 1, 1, 2] });
    // ln N(x; 0, Σ) with |Σ| = 3 and Σ⁻¹ = [[2, −1], [−1, 2]]/3.
    const quadratic = (2 * 1 ** 2 - 2 * 1 * 0.5 + 2 * 0.5 ** 2) / 3;
    expect(correlated.mixture.logDensity([1, 0.5])).toBeCloseTo(
      -quadratic / 2 - Math.log(2 * Math.PI * Math.sqrt(3)),
      12,
    );
  });

  it('is rebuilt by its config', () => {
    const again = gaussianMixture(JSON.parse(JSON.stringify(data.config)));
    const { x, label } = data.batch(createRng(1), 2, 5);
    expect(again.batch(createRng(1), 2, 5)).toMatchObject({ x, label });
  });

  it('labels points with their components', () => {
    const { x, label } = ncsnMixture().batch(createRng(2), 0, 2000);
    for (let i = 0; i < 2000; i++) expect(x.data[2 * i]! > 0).toBe(label!.data[i] === 0);
    const share = label!.data.filter((value) => value === 0).length / 2000;
    expect(Math.abs(share - 0.8)).toBeLessThan(4.5 * Math.sqrt((0.8 * 0.2) / 2000));
  });

  it('gives item i of a batch of any size the same point, another at each step', () => {
    const rng = createRng(3);
    const many = data.batch(rng, 5, 64);
    expect([...many.x.data.subarray(0, 3)]).toEqual([...data.batch(rng, 5, 1).x.data]);
    expect([...many.x.data.subarray(90)]).toEqual([...data.batch(rng.fromItem(30), 5, 34).x.data]);
    expect(data.batch(rng, 6, 64).x.data).not.toEqual(many.x.data);
    expect(() => data.batch(rng, 0, 0)).toThrow(/the batch size is 0/);
  });

  it.each([
    [{ weights: [] }, /weights is \[\].*above 0/],
    [{ weights: [1, 0] }, /weights is \[1, 0\]/],
    [{ weights: [1, 1], means: [1, 2, 3] }, /2 weights and 3 numbers in means/],
    [{ means: [] }, /2 weights and 0 numbers in means/],
    [{ standardDeviations: [1, 2, 3] }, /standardDeviations is \[1, 2, 3\].*or 2 of them/],
    [{ standardDeviations: [0] }, /standardDeviations is \[0\]/],
    [{ covariances: [1, 2] }, /2 numbers in covariances.*2 matrices of 2 × 2/],
    [
      { covariances: [1, 0, 0, 1, 1, 2, 2, 1] },
      /covariance 1 is \[1, 2; 2, 1\].*symmetric positive definite/,
    ],
    [{ covariances: [1, 0.5, 0, 1, 1, 0, 0, 1] }, /covariance 0 is \[1, 0.5; 0, 1\]/],
    [{ means: [Number.NaN, 0, 0, 0] }, /means is/],
  ])('refuses %j', (options, message) => {
    expect(() => gaussianMixture(options)).toThrow(message);
  });
});

describe('samplePosterior', () => {
  const data = gaussianMixture();
  const level = { t: 0, alpha: 0.8, sigma: 1 };

  it('draws from p(x₀ | x_t): mean and variance within five standard errors', () => {
    const count = 20_000;
    const observed = [0.1, -0.3];
    const x = floats(
      Array.from({ length: 2 * count }, (_, i) => observed[i % 2]!),
      [count, 2],
    );
    const drawn = data.samplePosterior(x, level, createRng(9));
    expect(drawn.shape).toEqual([count, 2]);
    const { mean, components } = data.mixture.posterior([...x.data.subarray(0, 2)], level);
    for (const i of [0, 1]) {
      const values = drawn.data.filter((_, at) => at % 2 === i);
      const found = values.reduce((s, v) => s + v, 0) / count;
      const variance = components.reduce(
        (s, { weight, mean: m, variances }) =>
          s + weight * (variances[i]! + (m[i]! - mean[i]!) ** 2),
        0,
      );
      expect(Math.abs(found - mean[i]!)).toBeLessThan(5 * Math.sqrt(variance / count));
      const squares = values.map((v) => (v - mean[i]!) ** 2);
      const second = squares.reduce((s, v) => s + v, 0) / count;
      const spread = squares.reduce((s, v) => s + (v - second) ** 2, 0) / count;
      expect(Math.abs(second - variance)).toBeLessThan(5 * Math.sqrt(spread / count));
    }
  });

  it('draws row i from (rng, i, x_i) only', () => {
    const x = createRng(1).normal([8, 2]);
    const all = data.samplePosterior(x, level, createRng(2));
    const last = floats([...x.data.subarray(14)], [1, 2]);
    const one = data.samplePosterior(last, level, createRng(2).fromItem(7));
    expect([...one.data]).toEqual([...all.data.subarray(14)]);
  });

  it('refuses x of another shape', () => {
    expect(() => data.samplePosterior(floats([1, 2, 3]), level, createRng(0))).toThrow(
      /x has the shape \[3\].*\[B, 2\]/,
    );
  });
});

it.each(mixtureGolden.levels)(
  'has the recorded denoiser, score and density at σ = $sigma',
  ({ sigma, denoised, score, logDensity }) => {
    const { mixture } = gaussianMixture({
      weights: [...mixtureGolden.weights],
      means: mixtureGolden.means.flat(),
      standardDeviations: [mixtureGolden.standardDeviation],
    });
    const level = { alpha: 1, sigma };
    for (const [i, x] of mixtureGolden.points.entries()) {
      const { mean } = mixture.posterior(x, level);
      for (const j of [0, 1]) expect(mean[j]).toBeCloseTo(denoised[i]![j]!, 12);
      if (score !== null) {
        const found = mixture.at(level).score(x);
        for (const j of [0, 1]) expect(found[j]).toBeCloseTo(score[i]![j]!, 12);
      }
      if (logDensity !== null) {
        expect(mixture.at(level).logDensity(x)).toBeCloseTo(logDensity[i]!, 11);
      }
    }
  },
);
