import {
  dataPrediction,
  edmPreconditioning,
  type Level,
  levelAt,
  noisePrediction,
  type Parameterization,
  scorePrediction,
  velocityPrediction,
} from '@tweedie/core';
import { cosine, linear, subVp, ve, vp } from '@tweedie/schedules';
import { schedulerReferences } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import {
  dataWeighting,
  edmWeighting,
  minSnrWeighting,
  noiseWeighting,
  p2Weighting,
  softMinSnrWeighting,
  truncatedSnrWeighting,
  velocityWeighting,
  type Weighting,
} from './index.js';

const levels: Level[] = [
  ...[0, 10, 500, 999].flatMap((t) => [levelAt(linear(), t), levelAt(cosine(), t)]),
  ...[0.01, 0.5, 1].flatMap((t) => [vp(), subVp(), ve()].map((made) => levelAt(made, t))),
];
const snrOf = ({ alpha, sigma }: Level) => (alpha / sigma) ** 2;
/** A level of given SNR that preserves variance. */
const levelOf = (snr: number): Level => ({
  t: 0,
  alpha: Math.sqrt(snr / (1 + snr)),
  sigma: Math.sqrt(1 / (1 + snr)),
});

describe('a plain error of the prediction is the weighting of that name', () => {
  const cases: [string, Parameterization, Weighting][] = [
    ['noise', noisePrediction(), noiseWeighting()],
    ['data', dataPrediction(), dataWeighting()],
    ['velocity', velocityPrediction(), velocityWeighting()],
    ['edm', edmPreconditioning({ sigmaData: 0.7 }), edmWeighting({ sigmaData: 0.7 })],
  ];
  it.each(cases)('%s: w c_out² = 1', (_name, parameterization, weighting) => {
    for (const level of levels) {
      const { out } = parameterization.coefficients(level);
      expect(weighting.weight(level) * out ** 2).toBeCloseTo(1, 10);
    }
  });

  it('and of the score, weighted by σ², the noise weighting', () => {
    for (const level of levels) {
      const { out } = scorePrediction().coefficients(level);
      expect((noiseWeighting().weight(level) * out ** 2) / level.sigma ** 2).toBeCloseTo(1, 10);
    }
  });
});

describe('formulas', () => {
  it("edm is EDM's loss weight", () => {
    for (const [sigma, { weight }] of Object.entries(schedulerReferences.edm.precond)) {
      const level = { alpha: 1, sigma: Number(sigma) };
      expect(edmWeighting().weight(level) / weight).toBeCloseTo(1, 12);
    }
  });

  it('velocity is SNR + 1 where variance is preserved', () => {
    for (const snr of [1e-4, 0.3, 1, 7, 1e4]) {
      expect(velocityWeighting().weight(levelOf(snr)) / (snr + 1)).toBeCloseTo(1, 10);
    }
  });

  it('the others at a few SNR', () => {
    const at = (weighting: Weighting, snr: number) => weighting.weight(levelOf(snr));
    expect(at(truncatedSnrWeighting(), 0.2)).toBe(1);
    expect(at(truncatedSnrWeighting(), 20)).toBeCloseTo(20, 10);
    expect(at(minSnrWeighting(), 20)).toBe(5);
    expect(at(minSnrWeighting(), 2)).toBeCloseTo(2, 12);
    expect(at(minSnrWeighting({ gamma: 3 }), 4)).toBe(3);
    expect(at(softMinSnrWeighting(), 12)).toBeCloseTo(3, 12);
    expect(at(softMinSnrWeighting({ gamma: 2 }), 2)).toBeCloseTo(1, 12);
    expect(at(p2Weighting(), 3)).toBeCloseTo(0.75, 12);
    expect(at(p2Weighting({ gamma: 0.5, k: 6 }), 3)).toBeCloseTo(1, 12);
  });
});

describe('between the weightings', () => {
  it('soft min-SNR is below min-SNR, and at least half of it', () => {
    const [soft, hard] = [softMinSnrWeighting({ gamma: 5 }), minSnrWeighting({ gamma: 5 })];
    for (const level of levels) {
      const ratio = soft.weight(level) / hard.weight(level);
      expect(ratio).toBeLessThan(1 + 1e-12);
      expect(ratio).toBeGreaterThanOrEqual(0.5 - 1e-12);
    }
  });

  it('min-SNR with a large γ is the noise weighting, p2 with a small one too', () => {
    for (const level of levels) {
      expect(minSnrWeighting({ gamma: 1e9 }).weight(level)).toBe(snrOf(level));
      expect(p2Weighting({ gamma: 1e-12 }).weight(level) / snrOf(level)).toBeCloseTo(1, 9);
    }
  });

  it('at pure noise each is finite', () => {
    const pure = { alpha: 0, sigma: 1 };
    expect(noiseWeighting().weight(pure)).toBe(0);
    expect(dataWeighting().weight(pure)).toBe(1);
    expect(velocityWeighting().weight(pure)).toBe(1);
    expect(truncatedSnrWeighting().weight(pure)).toBe(1);
    expect(minSnrWeighting().weight(pure)).toBe(0);
    expect(softMinSnrWeighting().weight(pure)).toBe(0);
    expect(edmWeighting().weight(pure)).toBe(4);
    expect(p2Weighting().weight(pure)).toBe(0);
  });
});
