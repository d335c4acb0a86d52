import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import type { JsonObject } from '../json.js';

/** The state of an optimizer, by name: flat vectors, each as long as all parameters together. */
export type OptimizerSlots = Readonly<Record<string, Tensor1D>>;

/** One update's inputs: flat vectors of all parameters, [P], and the scalars of this step. */
export interface OptimizerInputs {
  readonly params: Tensor1D;
  readonly gradient: Tensor1D;
  readonly slots: OptimizerSlots;
  /** 1 where weight decay acts, 0 where it does not, [P]. */
  readonly decayMask: Tensor1D;
  /** What `scalars` gave for this step. */
  readonly scalars: Readonly<Record<string, Scalar>>;
}

/**
 * A rule that moves parameters along a gradient. All parameters are one flat vector, so an update
 * is a handful of operations however many parameters there are.
 */
export interface Optimizer {
  readonly name: string;
  readonly config: JsonObject;
  /**
   * Names of the vectors that it keeps; letters and digits, since they are part of the names of
   * tensors in checkpoints. All vectors are zero before the first step.
   */
  readonly slots: readonly string[];
  /**
   * All numbers that change with the step, in float64: learning rate, bias corrections. The same
   * names at every step, so that one compiled step serves all of them.
   *
   * @param step number of the update, 1 for the first
   * @param learningRate of this step, after warm-up and decay
   */
  scalars(step: number, learningRate: number): Readonly<Record<string, number>>;
  /** Pure tensor code. The vectors that it returns are new ones, a slot for each name. */
  update(inputs: OptimizerInputs): { readonly params: Tensor1D; readonly slots: OptimizerSlots };
}
