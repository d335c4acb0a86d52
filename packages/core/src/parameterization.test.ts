import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Level, Parameterization } from './contracts/index.js';
import { halfLogSnr } from './gaussian.js';
import {
  dataPrediction,
  edmPreconditioning,
  noisePrediction,
  parameterizations,
  scoreCoefficients,
  scorePrediction,
  targetCoefficients,
  velocityPrediction,
} from './parameterization.js';

const sigmaData = 0.7;
/** Each row of the table with the F that it means, from x₀ and ε. */
const rows: readonly (readonly [
  string,
  Parameterization,
  (level: Level, data: number, noise: number) => number,
])[] = [
  ['noise', noisePrediction(), (_level, _data, noise) => noise],
  ['data', dataPrediction(), (_level, data) => data],
  [
    'velocity',
    velocityPrediction(),
    ({ alpha, sigma }, data, noise) => alpha * noise - sigma * data,
  ],
  // The conditional score ∇ ln q(x_t | x₀) = −ε/σ, whose mean is the score.
  ['score', scorePrediction(), ({ sigma }, _data, noise) => -noise / sigma],
  [
    'edm',
    edmPreconditioning({ sigmaData }),
    // Karras et al. (2022), eq. 8 and table 1, on x₀ + σ̃ε with σ̃ = σ/α.
    ({ alpha, sigma }, data, noise) => {
      const ratio = sigma / alpha;
      const skip = sigmaData ** 2 / (ratio ** 2 + sigmaData ** 2);
      const out = (ratio * sigmaData) / Math.sqrt(ratio ** 2 + sigmaData ** 2);
      return (data - skip * (data + ratio * noise)) / out;
    },
  ],
];

/** Levels of variance preserving, variance exploding and any other processes. */
const levels = fc.oneof(
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

describe.each(rows)('%s', (name, parameterization, meaning) => {
  it('recovers x₀ from the exact F', () => {
    fc.assert(
      fc.property(levels, value, value, (level, data, noise) => {
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
      fc.property(levels, value, value, (level, data, noise) => {
        const target = targetCoefficients(parameterization, level);
        const expected = meaning(level, data, noise);
        const size = (1 + level.sigma) / Math.min(1, level.alpha, level.sigma ** 2);
        expect(Math.abs(target.data * data + target.noise * noise - expected)).toBeLessThan(
          1e-12 * size,
        );
      }),
    );
  });

  it('is rebuilt by its name and config', () => {
    expect(parameterization.name).toBe(name);
    const factory = parameterizations.find(({ id }) => id === name)!;
    const again = factory(parameterization.config as never);
    const level = { t: 0.3, alpha: 0.8, sigma: 0.6 };
    expect(again.coefficients(level)).toEqual(parameterization.coefficients(level));
  });
});

describe('rows at the ends', () => {
  it.each([
    ['data', dataPrediction(), { skip: 0, out: 1 }],
    ['velocity', velocityPrediction(), { skip: 0, out: -1 }],
  ] as const)('%s holds at pure noise', (_name, row, expected) => {
    const { skip, out } = row.coefficients({ t: 1, alpha: 0, sigma: 1 });
    expect(skip).toBeCloseTo(expected.skip, 15);
    expect(out).toBeCloseTo(expected.out, 15);
  });

  it('gives the data back without noise, whatever the network says', () => {
    for (const [name, row] of rows) {
      if (name === 'data') continue;
      const { skip, out } = row.coefficients({ t: 0, alpha: 0.5, sigma: 0 });
      expect(skip).toBeCloseTo(2, 14);
      expect(out).toBeCloseTo(0, 14);
    }
  });
});

describe('the network’s time input', () => {
  const level = { t: 0.3, alpha: 0.8, sigma: 0.5 };
  it.each([
    ['time', 0.3],
    ['halfLogSnr', halfLogSnr(level)],
    ['logSigma', Math.log(0.5)],
  ] as const)('is %s', (conditionOn, expected) => {
    for (const row of [noisePrediction, dataPrediction, velocityPrediction, scorePrediction]) {
      expect(row({ conditionOn }).coefficients(level).noise).toBe(expected);
      expect(row().coefficients(level).noise).toBe(0.3);
      expect(row().coefficients(level).in).toBe(1);
    }
    expect(edmPreconditioning({ conditionOn }).coefficients(level).noise).toBe(expected);
  });

  it('is ln(σ̃)/4 for EDM', () => {
    expect(edmPreconditioning().coefficients(level).noise).toBeCloseTo(Math.log(0.5 / 0.8) / 4, 14);
  });
});

describe('edm', () => {
  it('has inputs and targets of unit variance at every level', () => {
    fc.assert(
      fc.property(levels, (level) => {
        const row = edmPreconditioning({ sigmaData });
        const { in: scale } = row.coefficients(level);
        const variance = level.alpha ** 2 * sigmaData ** 2 + level.sigma ** 2;
        expect(scale ** 2 * variance).toBeCloseTo(1, 12);
        const { data, noise } = targetCoefficients(row, level);
        // Rounding of 1 − c_skip α is divided by c_out.
        expect(data ** 2 * sigmaData ** 2 + noise ** 2).toBeCloseTo(1, 10);
      }),
    );
  });

  it('is the table of Karras et al. for x₀ + σε', () => {
    const [sigma, total] = [2, Math.sqrt(4 + 0.25)];
    const {
      skip,
      out,
      in: scale,
      noise,
    } = edmPreconditioning().coefficients({
      t: 2,
      alpha: 1,
      sigma,
    });
    expect(skip).toBeCloseTo(0.25 / total ** 2, 14);
    expect(out).toBeCloseTo((sigma * 0.5) / total, 14);
    expect(scale).toBeCloseTo(1 / total, 14);
    expect(noise).toBeCloseTo(Math.log(2) / 4, 14);
  });

  it('sees the rescaled state x/α', () => {
    const row = edmPreconditioning();
    const [scaled, plain] = [
      row.coefficients({ t: 0, alpha: 0.4, sigma: 0.8 }),
      row.coefficients({ t: 0, alpha: 1, sigma: 2 }),
    ];
    expect(scaled.skip).toBeCloseTo(plain.skip / 0.4, 14);
    expect(scaled.in).toBeCloseTo(plain.in / 0.4, 14);
    expect(scaled.out).toBeCloseTo(plain.out, 14);
    expect(scaled.noise).toBeCloseTo(plain.noise, 14);
  });

  it('refuses data without spread', () => {
    expect(() => edmPreconditioning({ sigmaData: 0 })).toThrow(
      /\[core\] edm: sigmaData is 0.*above 0/,
    );
  });
});

describe('scoreCoefficients', () => {
  it.each(rows)('%s: give the conditional score −ε/σ where F is exact', (_name, row, meaning) => {
    fc.assert(
      fc.property(levels, value, value, (level, data, noise) => {
        const x = level.alpha * data + level.sigma * noise;
        const { skip, out } = scoreCoefficients(row, level);
        const score = skip * x + out * meaning(level, data, noise);
        // D has an error of about 1e-15 of its terms, which 1/σ² enlarges.
        const scale = (1 + level.alpha * (Math.abs(x) + 10)) / level.sigma ** 2 / level.alpha;
        expect(Math.abs(score + noise / level.sigma)).toBeLessThan(1e-13 * Math.max(1, scale));
      }),
    );
  });

  it('are F itself with score prediction', () => {
    const {
      skip,
      out,
      in: scale,
    } = scoreCoefficients(scorePrediction(), { t: 3, alpha: 1, sigma: 0.2 });
    expect([skip, out, scale]).toEqual([0, 1, 1]);
  });
});
