import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreCoefficients, targetCoefficients } from '../coefficients.js';
import type { Level, Parameterization } from '../contracts/index.js';
import { halfLogSnr } from '../gaussian.js';
import { parameterizations } from './index.js';

/** Levels of variance preserving, variance exploding and any other processes. */
export const anyLevel = fc.oneof(
  fc
    .double({ min: 0.01, max: 1.55, noNaN: true })
    .map((angle): Level => ({ t: angle, alpha: Math.cos(angle), sigma: Math.sin(angle) })),
  fc
    .double({ min: 0.01, max: 80, noNaN: true })
    .map((sigma): Level => ({ t: sigma, alpha: 1, sigma })),
  fc
    .double({ min: 0.01, max: 0.99, noNaN: true })
    .map((t): Level => ({ t, alpha: 1 - t, sigma: t })),
);
const value = fc.double({ min: -3, max: 3, noNaN: true });

/**
 * What holds of every row of the table of parameterizations, beyond `testParameterization` of
 * `@tweedie/testing`, which this package cannot import.
 *
 * @param meaning the F that the row means, from x₀ and ε
 */
export function testRow(
  parameterization: Parameterization,
  meaning: (level: Level, data: number, noise: number) => number,
): void {
  const { name } = parameterization;

  describe(`${name} prediction`, () => {
    it('recovers x₀ from the exact F', () => {
      fc.assert(
        fc.property(anyLevel, value, value, (level, data, noise) => {
          const { skip, out } = parameterization.coefficients(level);
          const x = level.alpha * data + level.sigma * noise;
          const denoised = skip * x + out * meaning(level, data, noise);
          const size = 1 + (Math.abs(x) + level.sigma) / level.alpha;
          expect(Math.abs(denoised - data)).toBeLessThan(1e-12 * size);
        }),
      );
    });

    it('has the exact F as its regression target', () => {
      fc.assert(
        fc.property(anyLevel, value, value, (level, data, noise) => {
          const target = targetCoefficients(parameterization, level);
          const expected = meaning(level, data, noise);
          const size = (1 + level.sigma) / Math.min(1, level.alpha, level.sigma ** 2);
          expect(Math.abs(target.data * data + target.noise * noise - expected)).toBeLessThan(
            1e-12 * size,
          );
        }),
      );
    });

    it('gives the conditional score −ε/σ where F is exact', () => {
      fc.assert(
        fc.property(anyLevel, value, value, (level, data, noise) => {
          const x = level.alpha * data + level.sigma * noise;
          const { skip, out } = scoreCoefficients(parameterization, level);
          const score = skip * x + out * meaning(level, data, noise);
          // D has an error of about 1e-15 of its terms, which 1/σ² enlarges.
          const scale = (1 + level.alpha * (Math.abs(x) + 10)) / level.sigma ** 2 / level.alpha;
          expect(Math.abs(score + noise / level.sigma)).toBeLessThan(1e-13 * Math.max(1, scale));
        }),
      );
    });

    it('is rebuilt by its name and config', () => {
      const factory = parameterizations.find(({ id }) => id === name)!;
      const again = factory(parameterization.config as never);
      const level = { t: 0.3, alpha: 0.8, sigma: 0.6 };
      expect(again.coefficients(level)).toEqual(parameterization.coefficients(level));
    });
  });
}

/** The network's time input that each value of the option `conditionOn` stands for. */
export function testTimeInput(
  create: (options: { conditionOn: 'time' | 'halfLogSnr' | 'logSigma' }) => Parameterization,
): void {
  const level = { t: 0.3, alpha: 0.8, sigma: 0.5 };
  it.each([
    ['time', 0.3],
    ['halfLogSnr', halfLogSnr(level)],
    ['logSigma', Math.log(0.5)],
  ] as const)('is conditioned on %s', (conditionOn, expected) => {
    expect(create({ conditionOn }).coefficients(level).noise).toBe(expected);
  });
}

/** Rows other than the data's leave x/α where there is no noise. */
export function testCleanLevel(parameterization: Parameterization): void {
  it('gives the data back without noise, whatever the network says', () => {
    const { skip, out } = parameterization.coefficients({ t: 0, alpha: 0.5, sigma: 0 });
    expect(skip).toBeCloseTo(2, 14);
    expect(out).toBeCloseTo(0, 14);
  });
}
