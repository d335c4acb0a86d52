import { describe, expect, expectTypeOf, it } from 'vitest';
import { numberArithmetic } from './arithmetic.js';
import type { Coefficients, Parameterization } from './contracts/index.js';
import { defineParameterization } from './define-parameterization.js';
import { number } from './options/index.js';

const residual = defineParameterization({
  owner: 'mine',
  id: 'residual',
  doc: 'the network predicts (x − x₀)/σ, scaled',
  options: { scale: number({ default: 1, above: 0, doc: 'scale of what is predicted' }) },
  coefficients: ({ t, sigma }, { mul, neg }, { scale }) => {
    expectTypeOf(scale).toEqualTypeOf<number>();
    return { skip: 1, out: neg(mul(sigma, scale)), in: 1, noise: t };
  },
});
const level = { t: 3, alpha: 1, sigma: 2 };

describe('defineParameterization', () => {
  it('makes a factory whose row is written once', () => {
    const made = residual({ scale: 0.5 });
    expectTypeOf(made).toEqualTypeOf<Parameterization>();
    expect([made.name, made.config]).toEqual(['residual', { scale: 0.5 }]);
    expect(made.coefficients(level)).toEqual({ skip: 1, out: -1, in: 1, noise: 3 });
    expectTypeOf(made.coefficientsOver(numberArithmetic, level)).toEqualTypeOf<Coefficients>();
    expect(made.coefficientsOver(numberArithmetic, level)).toEqual(made.coefficients(level));
  });

  it('serves any other values', () => {
    // Formulas as text.
    const binary = (sign: string) => (a: string | number, b: string | number) =>
      `(${a} ${sign} ${b})`;
    const unary = (name: string) => (a: string | number) => `${name}(${a})`;
    const texts = {
      add: binary('+'),
      sub: binary('-'),
      mul: binary('*'),
      div: binary('/'),
      hypot: binary('hypot'),
      neg: unary('neg'),
      square: unary('square'),
      sqrt: unary('sqrt'),
      exp: unary('exp'),
      log: unary('log'),
    };
    const { coefficientsOver } = residual({ scale: 0.5 });
    expect(coefficientsOver<string>(texts, { t: 't', alpha: 1, sigma: 'sigma' })).toEqual({
      skip: 1,
      out: 'neg((sigma * 0.5))',
      in: 1,
      noise: 't',
    });
  });

  it('checks options like every factory', () => {
    expect(() => residual({ scale: 0 })).toThrow(/\[mine\] residual: scale is 0/);
  });
});
