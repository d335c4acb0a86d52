import type { Activation } from '../layers/activation.js';
import type { Normalization } from './normalization.js';

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/** What all blocks of a RefineNet have in common. */
export interface RefinenetStyle {
  readonly activation: Activation;
  /** Before the convolutions of residual blocks, and at the end. */
  readonly normalization: Normalization;
  /** Before the convolutions of refinement blocks. */
  readonly refinementNormalization: Normalization;
  /** What the chained pooling takes of each window. */
  readonly pooling: 'mean' | 'max';
}
