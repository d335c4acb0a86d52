import {
  defineFactory,
  type Factory,
  type JsonObject,
  type Level,
  type OptionSpecs,
  type Options,
} from '@tweedie/core';

/** Which noise levels count how much. */
export interface Weighting {
  readonly name: string;
  readonly config: JsonObject;
  /**
   * The weight w(α, σ) of the squared error of the data estimate, ‖D − x₀‖². In these units the
   * weights of all predictions compare: an error of D by δ is one of ε by (α/σ)δ and one of v by
   * ((α² + σ²)/σ)δ.
   */
  weight(level: Pick<Level, 'alpha' | 'sigma'>): number;
}

/**
 * Declares a weighting, a function of the level and of its options.
 *
 * @example
 * export const sigmoidWeighting = defineWeighting({
 *   owner: 'mine', id: 'sigmoid', doc: 'sigmoid(b − λ) of the error of ε', options: {
 *     bias: number({ default: 2, doc: 'b' }),
 *   },
 *   weight: (level, { bias }) => snr(level) / (1 + Math.exp(2 * halfLogSnr(level) - bias)),
 * });
 * simpleLoss({ weighting: sigmoidWeighting({ bias: 1 }) });
 */
export function defineWeighting<
  const Specs extends OptionSpecs,
  const Id extends string,
>(definition: {
  readonly owner: string;
  readonly id: Id;
  readonly doc: string;
  readonly source?: string;
  readonly options: Specs;
  weight(level: Pick<Level, 'alpha' | 'sigma'>, options: Options<Specs>): number;
}): Factory<Weighting, Specs, Id> {
  const { weight, ...declaration } = definition;
  return defineFactory({
    ...declaration,
    create: (options): Pick<Weighting, 'weight'> => ({
      weight: (level) => weight(level, options),
    }),
  });
}
