import { halfLogSnr, levelAt, type Schedule, timeAtHalfLogSnr, transition } from '@tweedie/core';
import { type BetaTable, betaTables, schedulerReferences } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { cosine, fromBetas, laplace, linear, scaledLinear, sigmoid } from './beta-schedules.js';

const alphaBar = (schedule: Schedule, t: number) => schedule.alpha(t) ** 2;
const beta = (schedule: Schedule, t: number) =>
  t === 0
    ? schedule.sigma(0) ** 2
    : transition(levelAt(schedule, t - 1), levelAt(schedule, t)).variance;
const relativeError = (value: number, wanted: number) => Math.abs(value / wanted - 1);

describe("diffusers' tables, in float32", () => {
  const factories = {
    linear,
    scaled_linear: scaledLinear,
    squaredcos_cap_v2: cosine,
    sigmoid,
    laplace,
  };
  const cases = Object.entries(factories).flatMap(([name, factory]) =>
    [100, 1000].map((steps) => [`${name}_T${steps}`, factory({ steps }), steps] as const),
  );

  it.each(cases)('%s', (name, schedule, steps) => {
    const table = betaTables[name] as Required<BetaTable>;
    table.idx.forEach((t, i) => {
      expect(relativeError(beta(schedule, t), table.betas[i]!)).toBeLessThan(2e-6);
      // A running product of a thousand float32 numbers, the last of them 1 − 0.999.
      expect(relativeError(alphaBar(schedule, t), table.alphas_cumprod[i]!)).toBeLessThan(3e-5);
    });
    const all = Array.from({ length: steps }, (_, t) => t);
    const sum = (f: (t: number) => number) => all.reduce((total, t) => total + f(t), 0);
    expect(
      relativeError(
        sum((t) => beta(schedule, t)),
        table.sum_betas,
      ),
    ).toBeLessThan(1e-6);
    expect(
      relativeError(
        sum((t) => alphaBar(schedule, t)),
        table.sum_alphas_cumprod,
      ),
    ).toBeLessThan(3e-6);
  });

  it('zero terminal SNR', () => {
    const schedule = linear({ zeroTerminalSnr: true });
    const table = betaTables.linear_T1000_zero_snr!;
    table.idx.forEach((t, i) => {
      // √ᾱ − √ᾱ_T loses digits in float32: 2e-4 of ᾱ at t = 998.
      const slack = t === 998 ? 3e-4 : 3e-5;
      const error = Math.abs(alphaBar(schedule, t) - table.alphas_cumprod[i]!);
      expect(error).toBeLessThanOrEqual(slack * table.alphas_cumprod[i]!);
    });
  });
});

describe("improved-diffusion's tables, in float64", () => {
  const { linear_T1000, cosine_T1000, cosine_T4000 } = schedulerReferences.improved_diffusion;
  const cases = [
    ['linear, 1000', linear(), linear_T1000],
    ['cosine, 1000', cosine(), cosine_T1000],
    ['cosine, 4000', cosine({ steps: 4000 }), cosine_T4000],
  ] as const;

  it.each(cases)('%s', (_name, schedule, table) => {
    table.idx.forEach((t, i) => {
      expect(relativeError(beta(schedule, t), table.betas[i]!)).toBeLessThan(1e-9);
      expect(relativeError(alphaBar(schedule, t), table.alphas_cumprod[i]!)).toBeLessThan(1e-11);
      const { alpha, sigma } = levelAt(schedule, t);
      expect(relativeError(1 / alpha, table.sqrt_recip_alphas_cumprod[i]!)).toBeLessThan(1e-11);
      expect(relativeError(sigma / alpha, table.sqrt_recipm1_alphas_cumprod[i]!)).toBeLessThan(
        1e-11,
      );
    });
  });
});

describe('between the steps', () => {
  const schedule = linear();
  const { t_to_sigma, sigma_to_t } = schedulerReferences.k_diffusion.DiscreteEpsDDPMDenoiser;

  it.each(Object.entries(t_to_sigma))("σ/α at t = %s is k-diffusion's", (t, wanted) => {
    const { alpha, sigma } = levelAt(schedule, Number(t));
    expect(relativeError(sigma / alpha, wanted)).toBeLessThan(1e-9);
  });

  it.each(Object.entries(sigma_to_t))("the time of σ/α = %s is k-diffusion's", (ratio, wanted) => {
    const t = timeAtHalfLogSnr(schedule, -Math.log(Number(ratio)));
    expect(t).toBeCloseTo(wanted, 7);
  });

  it('meets the steps without a jump', () => {
    for (const made of [linear({ steps: 5 }), linear({ steps: 5, zeroTerminalSnr: true })]) {
      for (let t = 0; t < 4; t++) {
        expect(made.alpha(t + 1e-9)).toBeCloseTo(made.alpha(t), 7);
        expect(made.alpha(t + 1 - 1e-9)).toBeCloseTo(made.alpha(t + 1), 7);
        expect(made.sigma(t + 1 - 1e-9)).toBeCloseTo(made.sigma(t + 1), 7);
      }
    }
  });
});

describe('zero terminal SNR', () => {
  it('ends in pure noise and keeps the first level', () => {
    for (const factory of [linear, scaledLinear, cosine, sigmoid, laplace]) {
      const plain = factory({ steps: 50 });
      const rescaled = factory({ steps: 50, zeroTerminalSnr: true });
      expect(rescaled.alpha(49)).toBe(0);
      expect(rescaled.sigma(49)).toBe(1);
      expect(halfLogSnr(levelAt(rescaled, 49))).toBe(-Infinity);
      expect(rescaled.alpha(0)).toBe(plain.alpha(0));
      expect(rescaled.sigma(0)).toBe(plain.sigma(0));
    }
  });

  it('needs two steps', () => {
    expect(() => linear({ steps: 1, zeroTerminalSnr: true })).toThrow(/at least 2 steps/);
  });
});

describe('few steps', () => {
  it('has one level for one step', () => {
    expect(alphaBar(linear({ steps: 1 }), 0)).toBeCloseTo(1 - 1e-4, 14);
    expect(alphaBar(scaledLinear({ steps: 1 }), 0)).toBeCloseTo(1 - 1e-4, 14);
    expect(alphaBar(cosine({ steps: 1 }), 0)).toBeCloseTo(1 - 0.999, 14);
  });

  it('keeps every digit of a small σ', () => {
    const schedule = fromBetas({ betas: [1e-12, 1e-12] });
    expect(relativeError(schedule.sigma(0), 1e-6)).toBeLessThan(1e-14);
    expect(relativeError(schedule.sigma(1), Math.sqrt(2e-12 - 1e-24))).toBeLessThan(1e-14);
  });

  it('keeps every digit of a small α over a long chain', () => {
    const schedule = fromBetas({ betas: Array.from({ length: 2000 }, () => 0.3) });
    expect(relativeError(Math.log(schedule.alpha(1999)), 1000 * Math.log(0.7))).toBeLessThan(1e-13);
  });
});

describe('bad tables', () => {
  it.each([
    [{ betas: [0.1, 1] }, /step 1 is 1/],
    [{ betas: [0] }, /step 0 is 0/],
    [{ betas: [] }, /0 steps/],
    [{}, /no list of β/],
  ])('%j', (options, message) => {
    expect(() => fromBetas(options)).toThrow(message);
  });
});
