import { memory, scalar, setBackend, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { onnxBackend } from '@tweedie/backend-onnx';
import {
  defineParameterization,
  type Level,
  type Operand,
  type Parameterization,
  parameterizations,
} from '@tweedie/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tensorArithmetic } from './tensor-arithmetic.js';

// The package brings the backend on which these tensors live.
beforeAll(async () => {
  onnxBackend();
  await setBackend('cpu');
});

/** Levels of all kinds of processes, without the ends at which coefficients are not finite. */
const levels: readonly Level[] = [0.02, 0.1, 0.5, 0.9, 0.999].flatMap((share, t) => [
  { t, alpha: Math.sqrt(1 - share ** 2), sigma: share },
  { t: t + 0.25, alpha: 1, sigma: 50 * share },
  { t: 10 * t, alpha: 1 - share, sigma: share },
]);

const numberOf = (value: Operand<Tensor>) =>
  typeof value === 'number' ? value : value.dataSync()[0]!;

function expectSame(parameterization: Parameterization, level: Level): void {
  const expected = parameterization.coefficients(level);
  tidy(() => {
    const { alpha, sigma, t } = level;
    const tensors = { alpha: scalar(alpha), sigma: scalar(sigma), t: scalar(t) };
    const actual = parameterization.coefficientsOver(tensorArithmetic, tensors);
    for (const name of ['skip', 'out', 'in'] as const) {
      // A handful of operations in single precision.
      expect(Math.abs(numberOf(actual[name]) - expected[name])).toBeLessThanOrEqual(
        1e-6 * Math.abs(expected[name]),
      );
    }
    // Logarithms near 0 keep the absolute error of what they are taken of.
    expect(numberOf(actual.noise)).toBeCloseTo(expected.noise, 5);
  });
}

describe.each(parameterizations.map((factory) => [factory.id, factory] as const))(
  '%s in tensors',
  (_id, factory) => {
    it.each(factory.options.conditionOn.choices)(
      'conditioned on %s is what it is in numbers',
      (kind) => {
        const parameterization = (factory as (options: object) => Parameterization)({
          conditionOn: kind,
        });
        for (const level of levels) expectSame(parameterization, level);
      },
    );
  },
);

describe('tensorArithmetic', () => {
  it('computes what is known beforehand, and leaves out what changes nothing', () => {
    const { add, sub, mul, div, hypot, neg, square } = tensorArithmetic;
    const one = scalar(1);
    const before = memory().numTensors;
    expect([add(one, 0), add(0, one), sub(one, 0)]).toEqual([one, one, one]);
    expect([mul(one, 1), mul(1, one), div(one, 1)]).toEqual([one, one, one]);
    expect([add(2, 3), sub(2, 3), mul(2, 3), div(2, 4)]).toEqual([5, -1, 6, 0.5]);
    expect([hypot(3, 4), neg(2), square(3)]).toEqual([5, -2, 9]);
    expect(memory().numTensors).toBe(before);
    one.dispose();
  });

  it('serves a parameterization of the user', () => {
    const residual = defineParameterization({
      owner: 'mine',
      id: 'residual',
      doc: 'the network predicts (x − x₀)/σ',
      options: {},
      coefficients: ({ t, sigma }, { neg, exp }) => ({
        skip: 1,
        out: neg(sigma),
        in: exp(neg(sigma)),
        noise: t,
      }),
    });
    for (const level of levels) expectSame(residual(), level);
  });
});
