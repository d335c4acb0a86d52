import {
  boolean,
  defineFactory,
  type Factory,
  type OptionSpecs,
  type Options,
  type OptionsInput,
  resolveOptions,
  type Sampler,
} from '@tweedie/core';
import { checkGrid, type GridDirection } from './check-grid.js';
import type { StepRule } from './step.js';
import { walkGrid } from './walk.js';

/** A factory of samplers whose rule can also stand within another's, and be recorded. */
export interface SamplerFactory<Specs extends OptionSpecs, Memory = unknown>
  extends Factory<Sampler, Specs> {
  /** @throws TweedieError INVALID_OPTION */
  rule(options?: OptionsInput<Specs>): StepRule<Memory>;
}

const checkFinite = boolean({
  default: true,
  doc: 'stop with an error when the denoiser gives NaN or infinity (reads one number a step)',
});
type Common = { readonly checkFinite: typeof checkFinite };

/**
 * Declares a sampler by the rule of its steps. Walking the grid, checking it, aborting, memory and
 * disposing are done here, so a sampler is its mathematics. A rule keeps nothing between steps but
 * what it returns as `memory`, so that any number of walks may interleave.
 *
 * @param definition.direction 'invert' for a sampler whose grid goes from data to noise
 * @param definition.rule the rule of a sampler with these options
 * @example
 * export const euler = defineSampler({
 *   id: 'euler', doc: 'Euler steps in σ, for α = 1', options: {},
 *   rule: () => async ({ from, to, x, denoise }) => {
 *     const denoised = await denoise(x, from);
 *     const share = to.sigma / from.sigma;
 *     return { denoised, x: weightedSum([[share, x], [1 - share, denoised]]) };
 *   },
 * });
 */
export function defineSampler<const Specs extends OptionSpecs, Memory = unknown>(definition: {
  readonly owner?: string;
  readonly id: string;
  readonly doc: string;
  readonly source?: string;
  readonly options: Specs;
  readonly direction?: GridDirection;
  rule(options: Options<Specs>): StepRule<Memory>;
}): SamplerFactory<Specs & Common, Memory> {
  const { owner = 'samplers', id, doc, source, direction = 'denoise' } = definition;
  const options = { ...definition.options, checkFinite };
  const factory = defineFactory({
    owner,
    id,
    doc,
    ...(source && { source }),
    options,
    create: (resolved): Pick<Sampler, 'sample'> => {
      const all = resolved as Options<Specs> & { readonly checkFinite: boolean };
      const rule = definition.rule(all);
      return {
        sample(denoiser, start, grid, context) {
          checkGrid(id, grid, direction);
          const { checkFinite } = all;
          return walkGrid({ ...context, id, checkFinite, denoiser, grid, start }, rule);
        },
      };
    },
  });
  return Object.assign(factory, {
    rule: (input?: OptionsInput<Specs & Common>) =>
      definition.rule(resolveOptions(`${owner} ${id}`, options, input) as Options<Specs>),
  }) as unknown as SamplerFactory<Specs & Common, Memory>;
}
