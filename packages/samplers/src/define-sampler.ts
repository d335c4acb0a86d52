import {
  boolean,
  defineFactory,
  type Factory,
  type JsonObject,
  type OptionSpecs,
  type Options,
  type OptionsInput,
  type Sampler,
} from '@tweedie/core';
import { checkGrid, type GridDirection } from './check-grid.js';
import type { Step, StepResult, StepRule } from './step.js';
import { walkGrid } from './walk.js';

/** A sampler made by `defineSampler`: its rule can also stand within another's, and be recorded. */
export interface RuleSampler<Memory = unknown> extends Sampler {
  /** A `StepRule`; declared as a method, so that a sampler of any memory is a `RuleSampler`. */
  rule(step: Step<Memory>): Promise<StepResult<Memory>>;
  /**
   * The same walk taken apart, where a step repeats one thing many times: `sampler` makes it once a
   * step, and gives the same numbers on the grid with each level `times` times (`repeatLevels` of
   * `@tweedie/schedules`). For drawing every iteration, and for exports, whose steps must be small.
   */
  readonly iterations:
    | { readonly times: number; readonly sampler: RuleSampler<Memory> }
    | undefined;
}

const checkFinite = boolean({
  default: true,
  doc: 'stop with an error when the denoiser or the sampler gives NaN or infinity (reads one number a step)',
});
type Common = { readonly checkFinite: typeof checkFinite };

/**
 * Declares a sampler by the rule of its steps. Walking the grid, checking it, aborting, memory and
 * disposing are done here, so a sampler is its mathematics. A rule keeps nothing between steps but
 * what it returns as `memory`, so that several walks may use it at once.
 *
 * @param definition.direction 'invert' for a sampler whose grid goes from data to noise
 * @param definition.rule the rule of a sampler with these options
 * @param definition.iterations for a rule that repeats one thing many times a step: how often, and the
 *   options with which it is made once; see `RuleSampler`
 * @param definition.upgrade how options that an earlier version stored read today; see `defineFactory`
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
export function defineSampler<
  const Specs extends OptionSpecs,
  const Id extends string,
  Memory = unknown,
>(definition: {
  readonly owner?: string;
  readonly id: Id;
  readonly doc: string;
  readonly source?: string;
  readonly options: Specs;
  readonly direction?: GridDirection;
  rule(options: Options<Specs>): StepRule<Memory>;
  iterations?(options: Options<Specs>): {
    readonly times: number;
    readonly once: OptionsInput<Specs>;
  };
  upgrade?(stored: JsonObject): JsonObject;
}): Factory<RuleSampler<Memory>, Specs & Common, Id> {
  const { owner = 'samplers', id, doc, source, upgrade, direction = 'denoise' } = definition;
  const options = { ...definition.options, checkFinite };
  type Resolved = Options<Specs> & { readonly checkFinite: boolean };
  const factory: Factory<RuleSampler<Memory>, Specs & Common, Id> = defineFactory({
    owner,
    id,
    doc,
    ...(source && { source }),
    ...(upgrade && { upgrade }),
    options,
    create: (all): Omit<RuleSampler<Memory>, 'name' | 'config'> => {
      const resolved = all as unknown as Resolved;
      const rule = definition.rule(resolved);
      const parts = definition.iterations?.(resolved);
      return {
        rule,
        get iterations() {
          if (parts === undefined || parts.times === 1) return undefined;
          const { times, once } = parts;
          return { times, sampler: factory({ ...resolved, ...once } as never) };
        },
        sample(denoiser, start, grid, context) {
          checkGrid(id, grid, direction);
          const { checkFinite } = resolved;
          return walkGrid({ ...context, id, checkFinite, denoiser, grid, start }, rule);
        },
      };
    },
  }) as never;
  return factory;
}
