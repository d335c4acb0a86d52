import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRateAt } from './learning-rate.js';

const base = {
  learningRate: 0.2,
  warmupSteps: 0,
  decay: 'none',
  finalFraction: 0,
  steps: 100,
} as const;

describe('learningRateAt', () => {
  it('is constant without warm-up and decay', () => {
    expect([1, 50, 100].map((step) => learningRateAt(step, base))).toEqual([0.2, 0.2, 0.2]);
  });

  it('rises linearly over the warm-up, from its first step on', () => {
    const schedule = { ...base, learningRate: 1, warmupSteps: 4 };
    const rates = [1, 2, 3, 4, 5].map((step) => learningRateAt(step, schedule));
    expect(rates).toEqual([0.25, 0.5, 0.75, 1, 1]);
  });

  it('falls along half a cosine after the warm-up', () => {
    const schedule = { ...base, warmupSteps: 20, decay: 'cosine', finalFraction: 0.1 } as const;
    for (const [step, fraction] of [
      [21, 1],
      [41, 0.1 + 0.9 * ((1 + Math.SQRT1_2) / 2)],
      [61, 0.55],
      [81, 0.1 + 0.9 * ((1 - Math.SQRT1_2) / 2)],
      [101, 0.1],
    ] as const) {
      expect(learningRateAt(step, schedule)).toBeCloseTo(0.2 * fraction, 14);
    }
  });

  it('is never 0 within a run, however short, and never above its maximum', () => {
    const whole = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(whole, fc.nat(400), whole, (steps, warmupSteps, at) => {
        const step = Math.min(at, steps);
        const rate = learningRateAt(step, { ...base, steps, warmupSteps, decay: 'cosine' });
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(0.2);
      }),
    );
  });
});
