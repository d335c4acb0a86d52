import {
  type Arithmetic,
  type Level,
  numberArithmetic,
  type Operand,
  type Parameterization,
  targetCoefficients,
} from '@tweedie/core';
import { describe, expect, it } from 'vitest';

export interface ParameterizationKitOptions {
  /** What the network predicts, from x₀ and ε: ε, x₀, αε − σx₀ and so on. */
  readonly target?: (level: Level, data: number, noise: number) => number;
}

/** Variance preserving, variance exploding, and linear in both scales; none of them clean or pure. */
const levels: readonly Level[] = [0.05, 0.3, 0.7, 0.95].flatMap((share, step) => [
  { t: share, alpha: Math.sqrt(1 - share ** 2), sigma: share },
  { t: step, alpha: 1, sigma: 40 * share },
  { t: step + 0.5, alpha: 1 - share, sigma: share },
]);

/** A number that no operator of JavaScript computes with: only an arithmetic does. */
interface Boxed {
  readonly boxed: number;
}
const unboxed = (operand: Operand<Boxed>) =>
  typeof operand === 'number' ? operand : operand.boxed;
const boxedArithmetic = Object.fromEntries(
  Object.entries(numberArithmetic).map(([name, compute]) => [
    name,
    (...operands: Operand<Boxed>[]): Boxed => ({
      boxed: (compute as (...numbers: number[]) => number)(...operands.map(unboxed)),
    }),
  ]),
) as unknown as Arithmetic<Boxed>;

/**
 * What every parameterization must hold: finite coefficients that make use of the network, the same
 * over any arithmetic, and, where the kit is told what the network predicts, D = x₀ where that is
 * exact.
 *
 * @param make makes the parameterization under test
 */
export function testParameterization(
  name: string,
  make: () => Parameterization,
  { target }: ParameterizationKitOptions = {},
): void {
  describe(`parameterization ${name}`, () => {
    const parameterization = make();

    it('has a name and options that JSON keeps', () => {
      expect(parameterization.name).not.toBe('');
      const { config } = parameterization;
      expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    });

    it.each(levels)(
      'has finite coefficients, the same each time: α = $alpha, σ = $sigma',
      (level) => {
        const coefficients = parameterization.coefficients(level);
        expect(Object.values(coefficients).every(Number.isFinite)).toBe(true);
        expect(make().coefficients(level)).toEqual(coefficients);
        expect(coefficients.out, 'c_out: the estimate depends on the network').not.toBe(0);
        expect(coefficients.in, 'c_in: the network depends on the state').not.toBe(0);
      },
    );

    it('is the same over another arithmetic, to the last bit', () => {
      for (const level of levels) {
        const { t, alpha, sigma } = level;
        const over = parameterization.coefficientsOver(boxedArithmetic, {
          t: { boxed: t },
          alpha: { boxed: alpha },
          sigma: { boxed: sigma },
        });
        for (const [key, value] of Object.entries(parameterization.coefficients(level))) {
          expect(unboxed(over[key as keyof typeof over]), key).toBe(value);
        }
      }
    });

    if (target === undefined) return;
    it.each(levels)('recovers x₀ from an exact network: α = $alpha, σ = $sigma', (level) => {
      const { skip, out } = parameterization.coefficients(level);
      const regression = targetCoefficients(parameterization, level);
      for (const [data, noise] of [
        [0.7, -1.2],
        [-2, 0.3],
      ] as const) {
        const exact = target(level, data, noise);
        const state = level.alpha * data + level.sigma * noise;
        const terms = 1 + Math.abs(skip * state) + Math.abs(out * exact);
        expect(Math.abs(skip * state + out * exact - data)).toBeLessThan(1e-12 * terms);
        const wanted = regression.data * data + regression.noise * noise;
        // Rounding of D is divided by c_out.
        expect(Math.abs(wanted - exact)).toBeLessThan((1e-12 * terms) / Math.abs(out));
      }
    });
  });
}
