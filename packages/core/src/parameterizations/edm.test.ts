import fc from 'fast-check';
import { expect, it } from 'vitest';
import { targetCoefficients } from '../coefficients.js';
import { edmPreconditioning } from './edm.js';
import { anyLevel, testCleanLevel, testRow, testTimeInput } from './row.testing.js';

const sigmaData = 0.7;

// Karras et al. (2022), eq. 8 and table 1, on x₀ + σ̃ε with σ̃ = σ/α.
testRow(edmPreconditioning({ sigmaData }), ({ alpha, sigma }, data, noise) => {
  const ratio = sigma / alpha;
  const skip = sigmaData ** 2 / (ratio ** 2 + sigmaData ** 2);
  const out = (ratio * sigmaData) / Math.sqrt(ratio ** 2 + sigmaData ** 2);
  return (data - skip * (data + ratio * noise)) / out;
});
testTimeInput(edmPreconditioning);
testCleanLevel(edmPreconditioning({ sigmaData }));

it('is conditioned on ln(σ̃)/4 by default', () => {
  const level = { t: 0.3, alpha: 0.8, sigma: 0.5 };
  expect(edmPreconditioning().coefficients(level).noise).toBeCloseTo(Math.log(0.5 / 0.8) / 4, 14);
});

it('has inputs and targets of unit variance at every level', () => {
  fc.assert(
    fc.property(anyLevel, (level) => {
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
  const level = { t: 2, alpha: 1, sigma };
  const { skip, out, in: scale, noise } = edmPreconditioning().coefficients(level);
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
