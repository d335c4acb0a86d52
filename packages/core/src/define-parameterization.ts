import { numberArithmetic } from './arithmetic.js';
import type {
  Arithmetic,
  Coefficients,
  Level,
  Operand,
  Parameterization,
} from './contracts/index.js';
import type { Factory, OptionSpecs, Options } from './options/index.js';
import { defineFactory } from './registry.js';

/**
 * Declares a parameterization: its four coefficients as one text over any arithmetic, which serves
 * training and sampling in plain numbers and an exported denoiser that takes any level.
 *
 * @param definition.coefficients c_skip, c_out, c_in and c_noise of D = c_skip x + c_out F(c_in x;
 * c_noise); the operations of the arithmetic may be taken out of it
 * @example
 * export const residual = defineParameterization({
 *   owner: 'mine', id: 'residual', doc: 'the network predicts (x − x₀)/σ', options: {},
 *   coefficients: ({ t, sigma }, { neg }) => ({ skip: 1, out: neg(sigma), in: 1, noise: t }),
 * });
 */
export function defineParameterization<const Specs extends OptionSpecs>(definition: {
  readonly owner: string;
  readonly id: string;
  readonly doc: string;
  readonly source?: string;
  readonly options: Specs;
  coefficients<T>(
    level: Level<Operand<T>>,
    arithmetic: Arithmetic<T>,
    options: Options<Specs>,
  ): Coefficients<Operand<T>>;
}): Factory<Parameterization, Specs> {
  const { coefficients, ...declaration } = definition;
  return defineFactory({
    ...declaration,
    create: (options): Pick<Parameterization, 'coefficients' | 'coefficientsOver'> => ({
      coefficients: (level) => coefficients(level, numberArithmetic, options),
      coefficientsOver: (arithmetic, level) => coefficients(level, arithmetic, options),
    }),
  });
}
