import { levelAt, type Schedule, transition } from '@tweedie/core';
import { type BetaTable, betaTables } from '@tweedie/testing';
import { expect, it } from 'vitest';

export const alphaBar = (schedule: Schedule, t: number) => schedule.alpha(t) ** 2;
const beta = (schedule: Schedule, t: number) =>
  t === 0
    ? schedule.sigma(0) ** 2
    : transition(levelAt(schedule, t - 1), levelAt(schedule, t)).variance;
export const relativeError = (value: number, wanted: number) => Math.abs(value / wanted - 1);

/**
 * Holds a schedule to diffusers' tables, in float32, of 100 and of 1000 steps.
 *
 * @param name of the schedule in diffusers
 */
export function testDiffusersTables(
  name: string,
  factory: (options: { steps: number }) => Schedule,
): void {
  it.each([100, 1000])(`has diffusers' table of ${name}, %s steps`, (steps) => {
    const schedule = factory({ steps });
    const table = betaTables[`${name}_T${steps}`] as Required<BetaTable>;
    table.idx.forEach((t, i) => {
      expect(relativeError(beta(schedule, t), table.betas[i]!)).toBeLessThan(2e-6);
      // A running product of a thousand float32 numbers, the last of them 1 − 0.999.
      expect(relativeError(alphaBar(schedule, t), table.alphas_cumprod[i]!)).toBeLessThan(3e-5);
    });
    const all = Array.from({ length: steps }, (_, t) => t);
    const sum = (f: (t: number) => number) => all.reduce((total, t) => total + f(t), 0);
    const sums = [sum((t) => beta(schedule, t)), sum((t) => alphaBar(schedule, t))] as const;
    expect(relativeError(sums[0], table.sum_betas)).toBeLessThan(1e-6);
    expect(relativeError(sums[1], table.sum_alphas_cumprod)).toBeLessThan(3e-6);
  });
}

/** Holds a schedule to a table of improved-diffusion, in float64. */
export function testImprovedDiffusionTable(
  title: string,
  schedule: Schedule,
  table: {
    readonly idx: readonly number[];
    readonly betas: readonly number[];
    readonly alphas_cumprod: readonly number[];
    readonly sqrt_recip_alphas_cumprod: readonly number[];
    readonly sqrt_recipm1_alphas_cumprod: readonly number[];
  },
): void {
  it(`has improved-diffusion's table of ${title}`, () => {
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
}
