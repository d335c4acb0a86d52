// The mistakes in the slides' formulas, each settled: docs/errata.md has the derivations.

import { mul, setBackend, zeros } from '@tensorflow/tfjs-core';
import { type Backend, createRng, levelAt, posterior } from '@tweedie/core';
import { denoiserFromScore } from '@tweedie/denoisers';
import { langevin, runSampler } from '@tweedie/samplers';
import { linear } from '@tweedie/schedules';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backends.js';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend('cpu');
  await setBackend(backend.tensorBackend);
});
afterAll(() => backend.dispose());

/** ∫ f over the line, for an integrand that is smooth and gone at ±bound; exact to rounding. */
function integral(f: (x: number) => number, bound = 12, steps = 4000): number {
  const h = (2 * bound) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) sum += f(-bound + i * h);
  return sum * h;
}

function normalDensity(x: number, mean: number, variance: number): number {
  return Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
}

/** β_t, α_t and ᾱ_t of DDPM's chain; index 0 is the first step. */
const schedule = linear({ steps: 20, betaStart: 0.01, betaEnd: 0.3 });
const betas = Array.from({ length: 20 }, (_, t) => 0.01 + (0.29 * t) / 19);
const alphas = betas.map((beta) => 1 - beta);
const alphaBars = alphas.map((_, t) => alphas.slice(0, t + 1).reduce((a, b) => a * b));

describe("1. Langevin's noise is √ε z", () => {
  const epsilon = 0.1;
  /** Stationary variance of x ← (1 − ε/2) x + c z, by iterating the variance. */
  const stationary = (c: number) => {
    let variance = 0;
    for (let i = 0; i < 2000; i++) variance = (1 - epsilon / 2) ** 2 * variance + c ** 2;
    return variance;
  };

  it('keeps N(0, 1), which the printed step shrinks to a variance of about ε', () => {
    expect(stationary(Math.sqrt(epsilon))).toBeCloseTo(1 / (1 - epsilon / 4), 12);
    expect(stationary(epsilon)).toBeCloseTo(epsilon / (1 - epsilon / 4), 12);
  });

  it('and so does the sampler', async () => {
    const level = { t: 0, alpha: 1, sigma: 1 };
    const start = zeros([20_000, 1]);
    const x = await runSampler(
      langevin({ stepSize: epsilon, checkFinite: false }),
      denoiserFromScore((at) => mul(at, -1)),
      start,
      Array.from({ length: 101 }, () => level),
      { rng: createRng(1) },
    );
    const values = (await x.data()) as Float32Array;
    x.dispose();
    start.dispose();
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    // Four standard errors, √(2/20,000) of the variance each; 100 steps forget the start to 4e-5.
    expect(Math.abs(variance - 1 / (1 - epsilon / 4))).toBeLessThan(4 * 0.01);
  });
});

it('2. the score of the noise is −(x̃ − x)/σ²', () => {
  for (const sigma of [0.1, 0.5, 3]) {
    for (const [noised, clean] of [
      [0.7, 0.2],
      [-1, 0.5],
    ] as const) {
      const h = 1e-4 * sigma;
      const log = (at: number) => Math.log(normalDensity(at, clean, sigma ** 2));
      const slope = (log(noised + h) - log(noised - h)) / (2 * h);
      const score = -(noised - clean) / sigma ** 2;
      // The logarithm is quadratic, so that differences are exact to rounding.
      expect(Math.abs(slope / score - 1)).toBeLessThan(1e-6);
      expect(Math.abs(slope / (-(noised - clean) / 2) - 1)).toBeGreaterThan(0.5);
    }
  }
});

it('3. the half of explicit score matching: ½E|s − ∇ log p|² is E[s′ + ½s²] and a constant', () => {
  // Data N(0.3, 0.7); scores of several shapes, with their derivatives.
  const [mean, variance] = [0.3, 0.7];
  const p = (x: number) => normalDensity(x, mean, variance);
  const exact = (x: number) => -(x - mean) / variance;
  const scores = [
    [(x: number) => -2 * x + 1, () => -2],
    [(x: number) => -Math.tanh(x), (x: number) => Math.tanh(x) ** 2 - 1],
    [(x: number) => Math.sin(x), (x: number) => Math.cos(x)],
  ] as const;
  const differences = (factor: number) =>
    scores.map(
      ([s, slope]) =>
        factor * integral((x) => p(x) * (s(x) - exact(x)) ** 2) -
        integral((x) => p(x) * (slope(x) + s(x) ** 2 / 2)),
    );
  const constant = integral((x) => p(x) * exact(x) ** 2) / 2;
  for (const difference of differences(0.5)) expect(difference).toBeCloseTo(constant, 10);
  const printed = differences(1);
  expect(Math.abs(printed[0]! - printed[1]!)).toBeGreaterThan(0.01);
});

it('4. the law of x_t given x₀ is N(√ᾱ_t x₀, 1 − ᾱ_t), step after step', () => {
  let mean = 1;
  let variance = 0;
  for (let t = 0; t < 20; t++) {
    mean *= Math.sqrt(alphas[t]!);
    variance = alphas[t]! * variance + betas[t]!;
    const level = levelAt(schedule, t);
    expect(mean).toBeCloseTo(Math.sqrt(alphaBars[t]!), 12);
    expect(variance).toBeCloseTo(1 - alphaBars[t]!, 12);
    expect(level.alpha).toBeCloseTo(mean, 12);
    expect(level.sigma ** 2).toBeCloseTo(variance, 12);
  }
});

it('5. ᾱ is the product of the α of all steps, not α_t to the power t', () => {
  const last = levelAt(schedule, 19).alpha ** 2;
  expect(last).toBeCloseTo(alphaBars[19]!, 12);
  expect(last / alphas[19]! ** 20).toBeGreaterThan(10);
});

it('6. the posterior is Bayes’ rule', () => {
  const [data, state] = [0.8, -0.4];
  for (const t of [1, 7, 19]) {
    const [alpha, beta, bar, before] = [alphas[t]!, betas[t]!, alphaBars[t]!, alphaBars[t - 1]!];
    const joint = (x: number) =>
      normalDensity(state, Math.sqrt(alpha) * x, beta) *
      normalDensity(x, Math.sqrt(before) * data, 1 - before);
    const total = integral(joint);
    const mean = integral((x) => x * joint(x)) / total;
    const variance = integral((x) => (x - mean) ** 2 * joint(x)) / total;
    expect(variance).toBeCloseTo(((1 - before) / (1 - bar)) * beta, 10);
    expect(mean).toBeCloseTo(
      ((Math.sqrt(alpha) * (1 - before)) / (1 - bar)) * state +
        ((Math.sqrt(before) * beta) / (1 - bar)) * data,
      10,
    );
    const ours = posterior(levelAt(schedule, t), levelAt(schedule, t - 1));
    expect(ours.dataCoefficient * data + ours.stateCoefficient * state).toBeCloseTo(mean, 10);
    expect(ours.variance).toBeCloseTo(variance, 10);
  }
});

it('7. the sampling step divides by √(1 − ᾱ_t)', () => {
  const [data, noise] = [0.8, -1.3];
  for (const t of [1, 7, 19]) {
    const [alpha, beta, bar] = [alphas[t]!, betas[t]!, alphaBars[t]!];
    const state = Math.sqrt(bar) * data + Math.sqrt(1 - bar) * noise;
    const { dataCoefficient, stateCoefficient } = posterior(
      levelAt(schedule, t),
      levelAt(schedule, t - 1),
    );
    const mean = dataCoefficient * data + stateCoefficient * state;
    const step = (divisor: number) => (state - (beta / divisor) * noise) / Math.sqrt(alpha);
    expect(step(Math.sqrt(1 - bar))).toBeCloseTo(mean, 12);
    expect(Math.abs(step(Math.sqrt(1 - alpha)) - mean)).toBeGreaterThan(0.01);
  }
});
