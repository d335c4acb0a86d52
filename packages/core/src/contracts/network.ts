import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { FloatArray } from '../host-array.js';
import type { JsonObject } from '../json.js';
import type { Rng } from '../rng.js';
import type { Draws } from './draws.js';

/** Named parameters; names are dotted: 'down_blocks.0.resnets.1.conv1.weight'. */
export type Params = Readonly<Record<string, Tensor>>;
/** The same in plain memory: initial values, checkpoints. */
export type HostParams = Readonly<Record<string, FloatArray>>;

/** What a network is conditioned on, apart from x. */
export interface Conditioning {
  /** The time input c_noise of each item, [B]. */
  readonly time: Tensor1D;
  /** Class of each item, int32 [B]. */
  readonly label?: Tensor1D | undefined;
  /** Dropout masks as drawn by the network's `dropoutMasks`; without them nothing is dropped. */
  readonly dropout?: Readonly<Record<string, Tensor>> | undefined;
}

/** A pure function of parameters and input, with a way to draw initial parameters. */
export interface Network {
  readonly name: string;
  readonly config: JsonObject;
  /** Shape of one item, without the batch axis: [2], [28, 28, 1] (images are height, width, channels). */
  readonly itemShape: readonly number[];
  /** Number of classes that it is conditioned on; absent or 0 when it takes no labels. */
  readonly classes?: number | undefined;
  /**
   * Number of noise levels that it has parameters for; its time input is then the step of a schedule
   * of as many steps.
   */
  readonly noiseLevels?: number | undefined;
  /**
   * Shapes of the parameters by name, as `init` gives them: what memory is estimated from before there
   * are any. Absent where they are not known beforehand.
   */
  readonly parameters?: Readonly<Record<string, { readonly shape: readonly number[] }>> | undefined;
  init(rng: Rng): HostParams;
  /** @param x [B, ...itemShape] @returns the raw prediction F, of x's shape */
  apply(params: Params, x: Tensor, conditioning: Conditioning): Tensor;
  /** Masks (0 or 1/(1 − rate)) for one training step, where the network has dropout. */
  dropoutMasks?(rng: Rng, batchSize: number): Draws;
}
