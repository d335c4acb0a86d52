import { add, mul, sum, type Tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import {
  boolean,
  type Denoiser,
  defineFactory,
  type Factory,
  type Level,
  type OptionSpecs,
  type Options,
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
  /** The denoiser's estimate of the data, checked for its shape and for NaN. */
  denoise(x: Tensor, level: Level): Promise<Tensor>;
  /** The next standard normal noise, of x's shape; item i has the same whatever the batch size. */
  noise(): Tensor;
  /** Hands over a tensor that is needed across an await, to be disposed after the step as well. */
  temporary(tensor: Tensor): Tensor;
}

/** Computes the state at `to`, a new tensor, and the estimate of the data that it used. */
export type StepRule = (step: Step) => Promise<Pick<SampleStep, 'x' | 'denoised'>>;

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
  readonly options: Specs;
  readonly direction?: GridDirection;
  rule(options: Options<Specs>): StepRule;
}): Factory<Sampler, Specs & Common> {
  const { owner = 'samplers', id, doc, options, direction = 'denoise' } = definition;
  return defineFactory({
    owner,
    id,
    doc,
    options: { ...options, checkFinite },
    create: (resolved): Pick<Sampler, 'sample'> => {
      const all = resolved as Options<Specs> & { readonly checkFinite: boolean };
      const rule = definition.rule(all);
      return {
        sample(denoiser, start, grid, context) {
          checkGrid(id, grid, direction);
          return walk({ id, rule, checkFinite: all.checkFinite }, denoiser, start, grid, context);
        },
      };
    },
  }) as unknown as Factory<Sampler, Specs & Common>;
}

type StepResult = Awaited<ReturnType<StepRule>>;
interface RunningSampler {
  readonly id: string;
  readonly rule: StepRule;
  readonly checkFinite: boolean;
}

async function* walk(
  sampler: RunningSampler,
  denoiser: Denoiser,
  start: Tensor,
  grid: readonly Level[],
  { rng, signal }: SampleContext,
): AsyncGenerator<SampleStep, Tensor, void> {
  let current: StepResult | undefined;
  const release = () => {
    current?.x.dispose();
    current?.denoised.dispose();
    current = undefined;
  };
  try {
    for (let index = 0; index + 1 < grid.length; index++) {
      throwIfAborted(signal, 'samplers');
      const place = { index, from: grid[index]!, to: grid[index + 1]!, x: current?.x ?? start };
      const next = await makeStep(sampler, denoiser, place, () =>
        toTensor(rng.normal(start.shape)),
      );
      release();
      current = next;
      yield { index, from: place.from, to: place.to, x: next.x, denoised: next.denoised };
    }
    const { x, denoised } = current!;
    current = undefined;
    if (denoised !== x) denoised.dispose();
    return x;
  } finally {
    release();
  }
}

async function makeStep(
  sampler: RunningSampler,
  denoiser: Denoiser,
  place: Omit<Step, 'denoise' | 'noise' | 'temporary'>,
  drawNoise: () => Tensor,
): Promise<StepResult> {
  const lent: Tensor[] = [];
  const temporary = (tensor: Tensor) => {
    lent.push(tensor);
    return tensor;
  };
  let result: StepResult | undefined;
  try {
    result = await sampler.rule({
      ...place,
      temporary,
      noise: () => temporary(drawNoise()),
      async denoise(x, level) {
        const denoised = temporary(await denoiser(x, level));
        await checkEstimate(sampler, denoised, x, place.index, level);
        return denoised;
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
  sampler: RunningSampler,
  denoised: Tensor,
  x: Tensor,
  index: number,
  level: Level,
): Promise<void> {
  if (denoised.shape.join() !== x.shape.join()) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'samplers',
      given: `${sampler.id}: the denoiser returned the shape [${denoised.shape.join(', ')}]`,
      allowed: `the shape of its input, [${x.shape.join(', ')}]`,
    });
  }
  if (!sampler.checkFinite) return;
  // 0·x is NaN where x is not finite, so that one number tells.
  const probe = tidy(() => sum(mul(denoised, 0)));
  const [value] = await probe.data();
  probe.dispose();
  if (value === 0) return;
  throw new TweedieError({
    code: 'NOT_FINITE',
    package: 'samplers',
    given: `${sampler.id}: the denoiser gave NaN or infinity at step ${index} (t = ${level.t}, α = ${level.alpha}, σ = ${level.sigma})`,
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
