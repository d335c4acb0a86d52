import { scalar, setBackend, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { onnxBackend } from '@tweedie/backend-onnx';
import { defineFactory, type Level, type Parameterization, parameterizations } from '@tweedie/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { coefficientTensors } from './export-coefficients.js';

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

const numberOf = (tensor: Tensor | undefined, neutral: number) =>
  tensor === undefined ? neutral : tensor.dataSync()[0]!;

function expectSame(parameterization: Parameterization, level: Level): void {
  const expected = parameterization.coefficients(level);
  tidy(() => {
    const { alpha, sigma, t } = level;
    const tensors = { alpha: scalar(alpha), sigma: scalar(sigma), time: scalar(t) };
    const { skip, out, in: scale, noise } = coefficientTensors(parameterization, tensors);
    const actual = { skip: numberOf(skip, 0), out: numberOf(out, 1), in: numberOf(scale, 1) };
    for (const [name, value] of Object.entries(actual)) {
      const number = expected[name as keyof typeof actual];
      // A handful of operations in single precision.
      expect(Math.abs(value - number)).toBeLessThanOrEqual(1e-6 * Math.abs(number));
    }
    // Logarithms near 0 keep the absolute error of what they are taken of.
    expect(numberOf(noise, Number.NaN)).toBeCloseTo(expected.noise, 5);
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

it('says of any other parameterization what to export instead', () => {
  const mine = defineFactory({
    owner: 'mine',
    id: 'mine',
    doc: '',
    options: {},
    create: (): Pick<Parameterization, 'coefficients'> => ({
      coefficients: () => ({ skip: 0, out: 1, in: 1, noise: 0 }),
    }),
  })();
  const one = scalar(1);
  expect(() => coefficientTensors(mine, { alpha: one, sigma: one, time: one })).toThrow(
    /'mine' is a function of plain numbers.*export the sampler or its step/,
  );
  one.dispose();
});
