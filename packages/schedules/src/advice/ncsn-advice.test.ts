import { createRng, floats } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { geometric } from '../geometric.js';
import {
  adviseNcsn,
  bestRelativeStep,
  langevinVarianceRatio,
  noiseOverlap,
  noiseRatio,
} from './ncsn-advice.js';

/**
 * Configurations of the authors (ermongroup/ncsnv2, configs/): side of the images, σ_1, levels,
 * steps a level and step_lr; σ_L is 0.01. Church is 96 pixels wide in the paper and in its weights.
 */
const configurations = [
  ['cifar10', 32, 50, 232, 5, 6.2e-6],
  ['celeba', 64, 90, 500, 5, 3.3e-6],
  ['church', 96, 140, 788, 4, 4.9e-6],
  ['bedroom and tower', 128, 190, 1086, 3, 1.8e-6],
  ['ffhq', 256, 348, 2311, 3, 9e-7],
] as const;

describe('noiseRatio', () => {
  it.each([5, 40, 784, 3072, 196_608])('solves technique 2 in %d dimensions', (dimension) => {
    for (const overlap of [0.1, 0.5, 0.9]) {
      const ratio = noiseRatio(dimension, overlap);
      expect(ratio).toBeGreaterThan(1);
      expect(noiseOverlap(ratio, dimension)).toBeCloseTo(overlap, 9);
    }
  });

  it('is 1/(1 − 3/√(2D)) at an overlap of one half, where the upper end is beyond all', () => {
    for (const dimension of [784, 3072]) {
      expect(noiseRatio(dimension)).toBeCloseTo(1 / (1 - 3 / Math.sqrt(2 * dimension)), 8);
    }
  });

  it('has no bound up to four dimensions', () => {
    expect(noiseRatio(2)).toBe(Number.POSITIVE_INFINITY);
    expect(noiseRatio(4, 0.99)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is the overlap of radii of normal noise', () => {
    // 4000 radii of σ = 1 in the range √D γ ± 3γ/√2 of noise of σ = γ.
    const dimension = 200;
    const ratio = noiseRatio(dimension);
    const noise = createRng(1).normal([4000, dimension]).data;
    let inside = 0;
    for (let i = 0; i < 4000; i++) {
      let square = 0;
      for (let d = 0; d < dimension; d++) square += noise[i * dimension + d]! ** 2;
      const away = Math.abs(Math.sqrt(square) - Math.sqrt(dimension) * ratio);
      if (away <= (3 * ratio) / Math.SQRT2) inside++;
    }
    // A radius is normal up to terms of 1/√D: its mean is 1/(4√D) below √D, 0.025 of its spread.
    expect(Math.abs(inside / 4000 - 0.5)).toBeLessThan(4.5 * Math.sqrt(0.25 / 4000) + 0.015);
  });

  it('refuses overlaps and dimensions that are none', () => {
    expect(() => noiseRatio(100, 0)).toThrow(/overlap is 0/);
    expect(() => noiseRatio(100, 0.995)).toThrow(/at most 0.99/);
    expect(() => noiseRatio(0.5)).toThrow(/dimension is 0.5/);
    expect(() => noiseOverlap(0.9, 10)).toThrow(/ratio is 0.9/);
  });
});

describe('langevinVarianceRatio', () => {
  it('is what the recursion of the variance gives', () => {
    for (const ratio of [1, 1.04, 1.7]) {
      for (const step of [1e-3, 0.06, 0.9, 1.5]) {
        let variance = ratio ** 2;
        for (let steps = 1; steps <= 20; steps++) {
          // x + a·(−x) + √(2a) z of a Gaussian of variance 1.
          variance = (1 - step) ** 2 * variance + 2 * step;
          expect(langevinVarianceRatio(ratio, step, steps) / variance).toBeCloseTo(1, 12);
        }
      }
    }
  });

  it('is what Langevin dynamics does', () => {
    const count = 20_000;
    const [ratio, step, steps] = [1.3, 0.2, 4];
    const x = createRng(1)
      .normal([count])
      .data.map((value) => ratio * value);
    for (let t = 0; t < steps; t++) {
      const z = createRng(2).fork(t).normal([count]).data;
      for (let i = 0; i < count; i++) x[i] = (1 - step) * x[i]! + Math.sqrt(2 * step) * z[i]!;
    }
    const found = x.reduce((sum, value) => sum + value ** 2, 0) / count;
    const expected = langevinVarianceRatio(ratio, step, steps);
    // The variance of a square of a normal number is twice its own variance squared.
    expect(Math.abs(found - expected)).toBeLessThan(4.5 * expected * Math.sqrt(2 / count));
  });

  it('refuses steps that diverge', () => {
    expect(() => langevinVarianceRatio(1.1, 2, 5)).toThrow(/diverges/);
    expect(() => langevinVarianceRatio(1.1, 0, 5)).toThrow(/the relative step is 0/);
    expect(() => langevinVarianceRatio(1.1, 0.1, 0)).toThrow(/stepsPerLevel is 0/);
  });
});

describe('bestRelativeStep', () => {
  it.each([
    [1.0376, 5],
    [1.5, 1],
    [1.5, 100],
    [1.004, 3],
    [3, 2000],
  ])('is best at γ = %d and T = %d', (ratio, steps) => {
    const best = bestRelativeStep(ratio, steps);
    const least = langevinVarianceRatio(ratio, best, steps);
    expect(least).toBeGreaterThan(1);
    for (let i = 1; i < 20_000; i++) {
      const other = langevinVarianceRatio(ratio, (2 * i) / 20_000, steps);
      expect(other).toBeGreaterThanOrEqual(least * (1 - 1e-13));
    }
  });

  it('is for one step the root of the derivative', () => {
    // d/da [(1 − a)²γ² + 2a] = 0 at a = 1 − 1/γ². Near a minimum values are flat: half of the digits.
    expect(bestRelativeStep(1.5, 1)).toBeCloseTo(1 - 1 / 2.25, 6);
  });
});

describe('adviseNcsn and the configurations of NCSNv2', () => {
  it.each(configurations)('%s: levels', (_name, side, sigmaMax, levels) => {
    const dimension = 3 * side ** 2;
    // All of them overlap by the same, which is not the paper's 'about 0.5' but 0.567.
    const ratio = (sigmaMax / 0.01) ** (1 / (levels - 1));
    expect(Math.abs(noiseOverlap(ratio, dimension) - 0.567)).toBeLessThan(0.001);
    const same = adviseNcsn({ dimension, sigmaMax, overlap: 0.567 });
    // Ours is rounded up, so that levels overlap by no less than asked for.
    expect(Math.abs(same.levels - levels)).toBeLessThanOrEqual(1);
    // At 0.5 levels lie a little further apart: 5.0 to 5.7 % fewer.
    const { levels: fewer } = adviseNcsn({ dimension, sigmaMax });
    expect(fewer / levels).toBeGreaterThan(0.943);
    expect(fewer / levels).toBeLessThan(0.952);
  });

  it.each(configurations.filter(([name]) => name !== 'church'))(
    '%s: step',
    (_name, _side, sigmaMax, levels, steps, rate) => {
      const ratio = (sigmaMax / 0.01) ** (1 / (levels - 1));
      // Theirs has two digits, so it is within 6 % of what was meant; ours is within 2 % of it.
      expect(Math.abs((bestRelativeStep(ratio, steps) * 1e-4) / rate - 1)).toBeLessThan(0.02);
    },
  );

  it('church: their step is twice ours and gives nearly the same variance', () => {
    const ratio = (140 / 0.01) ** (1 / 787);
    const best = bestRelativeStep(ratio, 4);
    expect((best * 1e-4) / 4.9e-6).toBeCloseTo(0.47, 2);
    expect(langevinVarianceRatio(ratio, best, 4)).toBeCloseTo(1.0224, 4);
    expect(langevinVarianceRatio(ratio, 0.049, 4)).toBeCloseTo(1.0247, 4);
  });

  it('CIFAR-10 at their overlap: the step that the sampler takes is twice step_lr', () => {
    const { stepSize, stepsPerLevel } = adviseNcsn({
      dimension: 3072,
      sigmaMax: 50,
      overlap: 0.567,
    });
    expect(stepsPerLevel).toBe(5);
    expect(Math.abs(stepSize / 2 / 6.2e-6 - 1)).toBeLessThan(0.01);
  });
});

describe('adviseNcsn', () => {
  it('reads σ_max and the dimension from the data', () => {
    const points = floats([0, 0, 3, 4, 1, 1], [3, 2, 1]);
    const found = adviseNcsn({ points, sigmaMin: 0.1 });
    expect(found.sigmaMax).toBe(5);
    // Two dimensions ask for nothing: ratio 1.5 at most, ln 50/ln 1.5 = 9.6 steps between levels.
    expect(found.levels).toBe(11);
    expect(found.ratio).toBeCloseTo(50 ** (1 / 10), 12);
    expect(found.overlap).toBe(noiseOverlap(found.ratio, 2));
  });

  it('gives what geometric takes, and levels of the ratio that it says', () => {
    const { levels, sigmaMin, sigmaMax, ratio } = adviseNcsn({ dimension: 784, sigmaMax: 20 });
    const schedule = geometric({ steps: levels, sigmaMin, sigmaMax });
    expect(schedule.sigma(levels - 1)).toBeCloseTo(20, 12);
    expect(schedule.sigma(0)).toBeCloseTo(0.01, 14);
    expect(schedule.sigma(5) / schedule.sigma(4)).toBeCloseTo(ratio, 12);
    expect(ratio).toBeLessThanOrEqual(noiseRatio(784));
  });

  it('keeps the relative step at any scale of the data', () => {
    const one = adviseNcsn({ dimension: 100, sigmaMax: 5, sigmaMin: 0.01 });
    const ten = adviseNcsn({ dimension: 100, sigmaMax: 50, sigmaMin: 0.1 });
    expect(ten.levels).toBe(one.levels);
    expect(ten.stepSize / one.stepSize).toBeCloseTo(100, 6);
  });

  it('comes nearer to the variance with more steps', () => {
    const of = (stepsPerLevel: number) =>
      adviseNcsn({ dimension: 3072, sigmaMax: 50, stepsPerLevel }).varianceRatio;
    expect(of(1)).toBeGreaterThan(of(5));
    expect(of(5)).toBeGreaterThan(of(100));
    expect(of(100)).toBeGreaterThan(1);
  });

  it('says what is missing or wrong', () => {
    expect(() => adviseNcsn({})).toThrow(/neither points nor dimension and sigmaMax/);
    expect(() => adviseNcsn({ dimension: 3 })).toThrow(/neither/);
    expect(() => adviseNcsn({ dimension: 3, sigmaMax: 0.001 })).toThrow(
      /sigmaMin is 0.01 and sigmaMax 0.001/,
    );
    expect(() => adviseNcsn({ dimension: 3, sigmaMax: 1, maxRatio: 1 })).toThrow(/maxRatio is 1/);
    expect(() => adviseNcsn({ points: floats([1, 1], [2, 1]) })).toThrow(/sigmaMax 0/);
  });
});
