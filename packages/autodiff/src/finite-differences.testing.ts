import {
  abs,
  add,
  addN,
  type GradConfig,
  mul,
  reshape,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { createRng, type FloatArray, floats, type Rng } from '@tweedie/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { valueAndGrad } from './differentiation/value-and-grad.js';
import { toTensor } from './host/transfer.js';

/** A function of tensors whose derivatives are compared with finite differences. */
export interface GradientCase {
  readonly fn: (...inputs: Tensor[]) => Tensor;
  readonly shapes: readonly (readonly number[])[];
  /** Where inputs are drawn from, [−1.5, 1.5) by default; choose it away from kinks and poles. */
  readonly range?: readonly [low: number, high: number];
}

type Scalar = (inputs: Tensor[]) => Tensor;

/** What a tolerance is relative to: the sum of the absolute terms of ⟨gradient, direction⟩. */
interface Slope {
  readonly value: number;
  readonly scale: number;
}

function gradientOf(f: Scalar): (inputs: Tensor[]) => Tensor[] {
  return (inputs) => {
    const named = Object.fromEntries(inputs.map((input, i) => [`${i}`, input]));
    const { grads } = valueAndGrad((params) => f(inputs.map((_, i) => params[`${i}`]!)))(named);
    return inputs.map((_, i) => grads[`${i}`]!);
  };
}

function exactSlope(f: Scalar, inputs: FloatArray[], directions: FloatArray[]): Slope {
  const products = gradientOf(f)(inputs.map(toTensor)).map((g, i) =>
    mul(g, toTensor(directions[i]!)),
  );
  const total = (terms: Tensor[]) => addN(terms.map((t) => sum(t))).dataSync()[0]!;
  return { value: total(products), scale: total(products.map((p) => abs(p))) };
}

/**
 * The same slope by central differences of fourth order. A float32 value carries a relative error
 * of about 1e-7, so that with h = 0.02 rounding leaves about 1e-5 of the value, and truncation
 * h⁴ ≈ 2e-7 times the fifth derivative.
 */
function measuredSlope(f: Scalar, inputs: FloatArray[], directions: FloatArray[]): number {
  const h = 0.02;
  const at = (distance: number) => {
    const moved = inputs.map(({ data, shape }, i) =>
      toTensor(
        floats(
          data.map((value, j) => value + distance * directions[i]!.data[j]!),
          shape,
        ),
      ),
    );
    return f(moved).dataSync()[0]!;
  };
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

/** Rounding of the differences (1e-5 of the value) and truncation, with a margin of ten. */
const TOLERANCE = 1e-3;

function expectSlope(f: Scalar, inputs: FloatArray[], directions: FloatArray[]): void {
  const { value, scale } = exactSlope(f, inputs, directions);
  const error = Math.abs(value - measuredSlope(f, inputs, directions));
  expect(error).toBeLessThan(TOLERANCE * Math.max(scale, 0.1));
}

function setUp(example: GradientCase, rng: Rng) {
  const [low, high] = example.range ?? [-1.5, 1.5];
  const random = rng.fork('inputs');
  const inputs = example.shapes.map((shape) => random.uniform(shape, low, high));
  const directions = example.shapes.map((shape) => random.normal(shape));
  const probes = example.shapes.map((shape) => random.normal(shape));
  // Every output counts, each with a weight of its own.
  const f: Scalar = (xs) => {
    const y = example.fn(...xs);
    const weights = rng.fork('weights').uniform([1, y.size], 0.5, 1.5);
    return sum(mul(reshape(y, [1, y.size]), toTensor(weights)));
  };
  return { inputs, directions, probes, f };
}

/** Holds the gradient of Σ wᵢ fn(…)ᵢ in a random direction to finite differences of that sum. */
export function expectFirstOrder(example: GradientCase, rng: Rng): void {
  tidy(() => {
    const { inputs, directions, f } = setUp(example, rng);
    expectSlope(f, inputs, directions);
  });
}

/**
 * Holds the gradient of ⟨probe, ∇f⟩, which has a random mixture of all second derivatives, to finite
 * differences of the first-order gradient.
 */
export function expectSecondOrder(example: GradientCase, rng: Rng): void {
  tidy(() => {
    const { inputs, directions, probes, f } = setUp(example, rng);
    const slope: Scalar = (xs) =>
      gradientOf(f)(xs)
        .map((g, i) => sum(mul(g, toTensor(probes[i]!))))
        .reduce((a, b) => add(a, b));
    expectSlope(slope, inputs, directions);
  });
}

/** Tests of both orders for each case, and that each gradient of the table ran in one of them. */
export function describeGradients(
  name: string,
  table: readonly GradConfig[],
  cases: Readonly<Record<string, GradientCase>>,
  more: () => void = () => {},
): void {
  describe(name, () => {
    beforeAll(() => {
      for (const config of table) vi.spyOn(config, 'gradFunc');
    });
    afterAll(() => {
      vi.restoreAllMocks();
    });
    const examples = Object.entries(cases);
    it.each(examples)('%s: first order', (label, example) => {
      expectFirstOrder(example, createRng(7).fork(label));
    });
    it.each(examples)('%s: second order', (label, example) => {
      expectSecondOrder(example, createRng(7).fork(label));
    });
    more();
    it('has run each gradient of the table', () => {
      const idle = table.filter((config) => vi.mocked(config.gradFunc).mock.calls.length === 0);
      expect(idle.map((config) => config.kernelName)).toEqual([]);
    });
  });
}
