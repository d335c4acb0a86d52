import { schedulerReferences, testSchedule } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { geometric } from './geometric.js';

const { ncsn } = schedulerReferences;

testSchedule('geometric', () => geometric());
testSchedule('geometric, 232 levels', () => geometric({ steps: 232, sigmaMax: 50 }));

describe('geometric', () => {
  it("holds NCSN's ten levels, the largest last", () => {
    const golden = ncsn['sigmas_1_0.01_10'];
    const schedule = geometric();
    golden.forEach((sigma, i) => {
      expect(schedule.sigma(9 - i) / sigma).toBeCloseTo(1, 12);
      expect(schedule.alpha(i)).toBe(1);
    });
  });

  it("holds NCSNv2's 232 levels", () => {
    const golden = ncsn['sigmas_v2_50_0.01_232'];
    const schedule = geometric({ steps: golden.n, sigmaMin: 0.01, sigmaMax: 50 });
    golden.head.forEach((sigma, i) => {
      expect(schedule.sigma(golden.n - 1 - i) / sigma).toBeCloseTo(1, 12);
    });
    for (let t = 1; t < golden.n; t++) {
      expect(schedule.sigma(t - 1) / schedule.sigma(t)).toBeCloseTo(golden.ratio, 12);
    }
  });

  it('is geometric between its levels too', () => {
    const schedule = geometric();
    expect(schedule.sigma(3.5) ** 2).toBeCloseTo(schedule.sigma(3) * schedule.sigma(4), 14);
  });

  it('has its one level at sigmaMax', () => {
    expect(geometric({ steps: 1, sigmaMax: 7 }).sigma(0)).toBeCloseTo(7, 12);
  });

  it('refuses levels that do not grow', () => {
    expect(() => geometric({ sigmaMin: 1, sigmaMax: 1 })).toThrow(/sigmaMin below sigmaMax/);
  });
});
