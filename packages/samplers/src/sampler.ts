import { add, mul, sum, type Tensor, type Tensor1D, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import {
  boolean,
  type Denoiser,
  defineFactory,
  type Factory,
  type Level,
  type OptionSpecs,
  type Options,
  type OptionsInput,
  resolveOptions,
  type SampleContext,
  type Sampler,
  type SampleStep,
  TweedieError,
  throwIfAborted,
} from '@tweedie/core';
import { checkGrid, type GridDirection } from './check-grid.js';

/**
 * One step to be made, from `from` to `to`. Tensors that come from here are disposed after the step,
 * unless they are its result.
 */
export interface Step {
  /** 0 … grid.length − 2 */
  readonly index: number;
  readonly from: Level;
  readonly to: Level;
  /** The state at `from`. */
  readonly x: Tensor;
  /** The whole grid; the step goes from level `index` to the next. */
  readonly grid: readonly Level[];
  /** The denoiser's estimate of the data, checked for its shape and for NaN. Aborts are seen here. */
  denoise(x: Tensor, level: Level): Promise<Tensor>;
  /** The next standard normal noise, of x's shape; item i has the same whatever the batch size. */
  noise(): Tensor;
  /** The next uniform numbers in [0, 1), one an item: [B]; item i has the same whatever the batch size. */
  uniform(): Tensor1D;
  /** Hands over a tensor that is needed across an await, to be disposed after the step as well. */
  temporary<Lent extends Tensor>(tensor: Lent): Lent;
  /**
   * Makes a rule a part of this step, once or several times, each time from the state before. What a
   * round was lent is disposed with it; the last result is disposed after the step.
   */
  repeat(
    rule: StepRule,
    place?: Partial<Pick<Step, 'from' | 'to' | 'x'>> & { readonly times?: number },
  ): Promise<StepResult>;
}

/** The state at `to` and the estimate of the data that was used. */
export type StepResult = Pick<SampleStep, 'x' | 'denoised'>;

/** Computes the state at `to`, a new tensor, and the estimate of the data that it used. */
export type StepRule = (step: Step) => Promise<StepResult>;

/** A factory of samplers whose rule can also stand within another's. */
export interface SamplerFactory<Specs extends OptionSpecs> extends Factory<Sampler, Specs> {
  /** @throws TweedieError INVALID_OPTION */
  rule(options?: OptionsInput<Specs>): StepRule;
}

const checkFinite = boolean({
  default: true,
  doc: 'stop with an error when the denoiser gives NaN or infinity (reads one number a step)',
});
type Common = { readonly checkFinite: typeof checkFinite };

/**
 * Declares a sampler by the rule of its steps. Walking the grid, checking it, aborting and disposing
 * are done here, so a sampler is its mathematics.
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
export function defineSampler<const Specs extends OptionSpecs>(definition: {
  readonly owner?: string;
  readonly id: string;
  readonly doc: string;
  readonly source?: string;
  readonly options: Specs;
  readonly direction?: GridDirection;
  rule(options: Options<Specs>): StepRule;
}): SamplerFactory<Specs & Common> {
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
          const walk = { id, checkFinite: all.checkFinite, denoiser, grid, start, ...context };
          return steps(walk, rule);
        },
      };
    },
  });
  return Object.assign(factory, {
    rule: (input?: OptionsInput<Specs & Common>) =>
      definition.rule(resolveOptions(`${owner} ${id}`, options, input) as Options<Specs>),
  }) as unknown as SamplerFactory<Specs & Common>;
}

interface Walk extends SampleContext {
  readonly id: string;
  readonly checkFinite: boolean;
  readonly denoiser: Denoiser;
  readonly grid: readonly Level[];
  readonly start: Tensor;
}

function release(result: StepResult | undefined): void {
  result?.x.dispose();
  result?.denoised.dispose();
}

async function* steps(walk: Walk, rule: StepRule): AsyncGenerator<SampleStep, Tensor, void> {
  const { grid, start, signal } = walk;
  let current: StepResult | undefined;
  try {
    for (let index = 0; index + 1 < grid.length; index++) {
      throwIfAborted(signal, 'samplers');
      const place = { index, from: grid[index]!, to: grid[index + 1]!, x: current?.x ?? start };
      const next = await makeStep(walk, rule, place);
      release(current);
      current = next;
      yield { index, from: place.from, to: place.to, x: next.x, denoised: next.denoised };
    }
    const { x, denoised } = current!;
    current = undefined;
    if (denoised !== x) denoised.dispose();
    return x;
  } finally {
    release(current);
  }
}

type Place = Pick<Step, 'index' | 'from' | 'to' | 'x'>;

async function makeStep(walk: Walk, rule: StepRule, place: Place): Promise<StepResult> {
  const { rng, start, signal } = walk;
  const lent: Tensor[] = [];
  const temporary = <Lent extends Tensor>(tensor: Lent): Lent => {
    lent.push(tensor);
    return tensor;
  };
  let result: StepResult | undefined;
  try {
    result = await rule({
      ...place,
      grid: walk.grid,
      temporary,
      noise: () => temporary(toTensor(rng.normal(start.shape))),
      uniform: () => temporary(toTensor(rng.uniform([start.shape[0] ?? 1])) as Tensor1D),
      async denoise(x, level) {
        throwIfAborted(signal, 'samplers');
        const denoised = temporary(await walk.denoiser(x, level));
        await checkEstimate(walk, denoised, x, place.index, level);
        return denoised;
      },
      async repeat(inner, { times = 1, ...changed } = {}) {
        let x = changed.x ?? place.x;
        let last: StepResult | undefined;
        try {
          for (let round = 0; round < times; round++) {
            const next = await makeStep(walk, inner, { ...place, ...changed, x });
            release(last);
            last = next;
            x = next.x;
          }
        } catch (error) {
          release(last);
          throw error;
        }
        if (last === undefined) {
          throw new TweedieError({
            code: 'INVALID_VALUE',
            package: 'samplers',
            given: `${walk.id}: a part of a step is made ${times} times`,
            allowed: 'at least once',
          });
        }
        temporary(last.x);
        temporary(last.denoised);
        return last;
      },
    });
    return result;
  } finally {
    for (const tensor of lent) {
      if (tensor !== result?.x && tensor !== result?.denoised) tensor.dispose();
    }
  }
}

async function checkEstimate(
  walk: Pick<Walk, 'id' | 'checkFinite'>,
  denoised: Tensor,
  x: Tensor,
  index: number,
  level: Level,
): Promise<void> {
  if (denoised.shape.join() !== x.shape.join()) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'samplers',
      given: `${walk.id}: the denoiser returned the shape [${denoised.shape.join(', ')}]`,
      allowed: `the shape of its input, [${x.shape.join(', ')}]`,
    });
  }
  if (!walk.checkFinite) return;
  // 0·x is NaN where x is not finite, so that one number tells.
  const probe = tidy(() => sum(mul(denoised, 0)));
  const [value] = await probe.data();
  probe.dispose();
  if (value === 0) return;
  throw new TweedieError({
    code: 'NOT_FINITE',
    package: 'samplers',
    given: `${walk.id}: the denoiser gave NaN or infinity at step ${index} (t = ${level.t}, α = ${level.alpha}, σ = ${level.sigma})`,
    allowed: 'finite estimates of the data',
    fix:
      level.alpha === 0
        ? 'predict velocity or data: at pure noise (α = 0) the noise says nothing about the data'
        : 'look for diverged parameters, or for inputs out of the range of training',
  });
}

/** Σ coefficient · tensor, as a new tensor; terms with the coefficient 0 are left out. */
export function weightedSum(terms: readonly (readonly [number, Tensor])[]): Tensor {
  return tidy(() => {
    const used = terms.filter(([coefficient]) => coefficient !== 0);
    if (used.length === 0) return zerosLike(terms[0]![1]);
    return used
      .map(([coefficient, tensor]) => mul(tensor, coefficient))
      .reduce((a, b) => add(a, b));
  });
}
