import { mul, sum, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import {
  type Denoiser,
  type Level,
  levelAtHalfLogSnr,
  type SampleContext,
  type SampleStep,
  TweedieError,
  throwIfAborted,
} from '@tweedie/core';
import { HeldTensors, interpretStep } from './interpret-step.js';
import type { StepOperations, StepPlace, StepRule } from './step.js';

/** A walk of a rule over a grid, on tensors. */
export interface Walk extends SampleContext {
  /** The sampler's name, for errors. */
  readonly id: string;
  readonly checkFinite: boolean;
  readonly denoiser: Denoiser;
  readonly grid: readonly Level[];
  /** Stays the caller's. */
  readonly start: Tensor;
}

/** Makes the steps of a walk one by one and yields the state after each. */
export async function* walkGrid<Memory>(
  walk: Walk,
  rule: StepRule<Memory>,
): AsyncGenerator<SampleStep, void, void> {
  const { id, grid, start, signal } = walk;
  const held = new HeldTensors();
  let state: Pick<StepPlace<Memory>, 'x' | 'memory'> = { x: start, memory: undefined };
  try {
    for (let index = 0; index + 1 < grid.length; index++) {
      throwIfAborted(signal, 'samplers');
      const [from, to] = [grid[index]!, grid[index + 1]!];
      const place = { index, grid, from, to, ...state };
      const made = await interpretStep(id, rule, place, tensorOperations(walk, index));
      held.replaceBy(made);
      const { x, denoised, memory } = made.result;
      // Of other steps the next call of the denoiser tells, at no cost.
      if (walk.checkFinite && index + 2 === grid.length && !(await allFinite(x))) {
        throw stateNotFinite(walk, x, index);
      }
      state = { x, memory };
      yield { index, from, to, x, denoised };
    }
  } finally {
    held.release();
  }
}

/** The operations of step `index` on tensors, as soon as they are asked for. */
function tensorOperations(walk: Walk, index: number): StepOperations {
  const { id, rng, start, signal, schedule } = walk;
  return {
    async denoise(x, level) {
      throwIfAborted(signal, 'samplers');
      const denoised = await walk.denoiser(x, level);
      try {
        await checkEstimate(walk, denoised, x, index, level);
      } catch (error) {
        denoised.dispose();
        throw error;
      }
      return denoised;
    },
    noise: () => toTensor(rng.normal(start.shape)),
    uniform: () => toTensor(rng.uniform([start.shape[0] ?? 1])) as Tensor1D,
    levelAt(halfLogSnr) {
      if (schedule !== undefined) return levelAtHalfLogSnr(schedule, halfLogSnr);
      throw new TweedieError({
        code: 'INVALID_VALUE',
        package: 'samplers',
        given: `${id} asks for a level between those of the grid, and the walk was given no schedule`,
        fix: 'pass the schedule of the grid beside rng: { rng, schedule }',
      });
    },
  };
}

async function checkEstimate(
  walk: Walk,
  denoised: Tensor,
  x: Tensor,
  index: number,
  { t, alpha, sigma }: Level,
): Promise<void> {
  const { id } = walk;
  if (denoised.shape.join() !== x.shape.join()) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'samplers',
      given: `${id}: the denoiser returned the shape [${denoised.shape.join(', ')}]`,
      allowed: `the shape of its input, [${x.shape.join(', ')}]`,
    });
  }
  if (!walk.checkFinite || (await allFinite(denoised))) return;
  if (!(await allFinite(x))) throw stateNotFinite(walk, x, index);
  throw new TweedieError({
    code: 'NOT_FINITE',
    package: 'samplers',
    given: `${id}: the denoiser gave NaN or infinity at step ${index} (t = ${t}, α = ${alpha}, σ = ${sigma})`,
    allowed: 'finite estimates of the data',
    fix:
      alpha === 0
        ? 'predict velocity or data: at pure noise (α = 0) the noise says nothing about the data'
        : 'look for diverged parameters, or for inputs out of the range of training',
  });
}

/** Reads one number. */
async function allFinite(tensor: Tensor): Promise<boolean> {
  // 0·x is NaN where x is not finite, so that one number tells.
  const probe = tidy(() => sum(mul(tensor, 0)));
  const [value] = await probe.data();
  probe.dispose();
  return value === 0;
}

/** The error for a state with NaN or infinity, made by the sampler from finite estimates, or given to it. */
function stateNotFinite({ id, start }: Walk, x: Tensor, index: number): TweedieError {
  return new TweedieError({
    code: 'NOT_FINITE',
    package: 'samplers',
    given:
      x === start
        ? `${id}: the state to start from holds NaN or infinity`
        : `the sampler '${id}' itself made NaN or infinity, at step ${index} or at the end of the one before; the denoiser's estimates were finite`,
    allowed: 'finite states',
    fix:
      x === start
        ? 'start from finite numbers'
        : "look at the sampler's rule and options, and for inputs out of the range of training",
  });
}
