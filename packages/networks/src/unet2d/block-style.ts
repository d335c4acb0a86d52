import type { Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '@tweedie/core';
import type { Masks } from '../kit/declaration.js';
import type { Activation } from '../layers/activation.js';

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/** What all blocks of a U-Net have in common. */
export interface BlockStyle {
  /** Length of the embedding of time and class. */
  readonly embeddingSize: number;
  readonly groups: number;
  readonly epsilon: number;
  readonly activation: Activation;
  /** Whether the embedding shifts the features, or scales and shifts them after the second norm. */
  readonly timeScaleShift: 'default' | 'scale_shift';
  readonly dropout: number;
  /** Channels of an attention head; null is one head with all channels. */
  readonly attentionHeadDim: number | null;
}

/** What a block takes besides its image. */
export interface Signal {
  /** The embedding of time and class after its activation, [B, embeddingSize]. */
  readonly embedding: Tensor;
  readonly masks: Masks;
}

/** A block that turns an image into another. */
export type Block = (params: Params, x: Tensor, signal: Signal) => Tensor;
