import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Level } from '@tweedie/core';

/**
 * What a step is computed with: tensors at once (`walk.ts`), or a recorder that writes the step into
 * a graph (`@tweedie/export`). A rule is written once and never knows which.
 */
export interface StepOperations {
  /** The denoiser's estimate of the data, of x's shape. */
  denoise(x: Tensor, level: Level): Promise<Tensor>;
  /** The next standard normal noise, of the shape of the state; item i has the same whatever the batch size. */
  noise(): Tensor;
  /** The next uniform numbers in [0, 1), one an item: [B]; item i has the same whatever the batch size. */
  uniform(): Tensor1D;
  /**
   * The level of the schedule with this λ = ln(α/σ), which need not be on the grid: for churn, and
   * for stages between two levels. A λ beyond the schedule's ends gives the level at the end.
   *
   * @throws TweedieError INVALID_VALUE when the walk was given no schedule
   */
  levelAt(halfLogSnr: number): Level;
}

/** Where a step stands in a walk, and what it goes on from. */
export interface StepPlace<Memory = unknown> {
  /** 0 … grid.length − 2 */
  readonly index: number;
  /** The whole grid; the step goes from level `index` to the next. */
  readonly grid: readonly Level[];
  readonly from: Level;
  readonly to: Level;
  /** The state at `from`. */
  readonly x: Tensor;
  /** What the step before returned as its memory; undefined at the first step. */
  readonly memory: Memory | undefined;
}

/**
 * One step to be made, from `from` to `to`. Tensors that come from here are disposed after the step,
 * unless they are part of its result.
 */
export interface Step<Memory = unknown> extends StepPlace<Memory>, StepOperations {
  /** Hands over a tensor that is needed across an await, to be disposed after the step as well. */
  temporary<Own extends Tensor>(tensor: Own): Own;
  /**
   * Makes another rule a part of this step, once or several times, each time from the state and the
   * memory that the time before left. The first time has the memory given here, by default none: a
   * rule that wraps another passes its own `memory` down and returns what comes back. Everything that
   * belongs to the result is disposed after this step, unless it is part of this step's result too.
   */
  repeat<Inner>(rule: StepRule<Inner>, changes?: RepeatChanges<Inner>): Promise<StepResult<Inner>>;
}

/** What differs from the surrounding step where a rule is made a part of it. */
export interface RepeatChanges<Memory> extends Partial<Pick<Step<Memory>, 'from' | 'to' | 'x'>> {
  readonly memory?: Memory | undefined;
  /** At least 1, which is the default. */
  readonly times?: number;
}

/** What a step made. */
export interface StepResult<Memory = unknown> {
  /** The state at `to`, a new tensor. */
  readonly x: Tensor;
  /** The estimate of the data that was used. */
  readonly denoised: Tensor;
  /**
   * What the next step of this walk is given: tensors and plain data in nested arrays and records. The
   * tensors belong to the walk, which keeps them until no memory holds them.
   */
  readonly memory?: Memory | undefined;
}

/** The rule of a sampler's steps. All that it knows of earlier steps is in `step.memory`. */
export type StepRule<Memory = unknown> = (step: Step<Memory>) => Promise<StepResult<Memory>>;
