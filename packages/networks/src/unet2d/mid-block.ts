import type { Scope } from '../kit/declaration.js';
import { attentionBlock } from './attention-block.js';
import type { Block, BlockStyle, Size } from './block-style.js';
import { residualBlock } from './residual-block.js';

export interface MidBlockSpec {
  readonly channels: number;
  readonly size: Size;
  readonly attention: boolean;
  /** Groups of the norm before the attention; null for none. */
  readonly attentionGroups: number | null;
  /** Divides the output of each part. */
  readonly outputScale: number;
}

/** The bottom of the U: a residual block, attention, and another residual block. */
export function midBlock(scope: Scope, style: BlockStyle, spec: MidBlockSpec): Block {
  const { channels, size, outputScale } = spec;
  const residual = { inputs: channels, outputs: channels, size, outputScale };
  const before = residualBlock(scope.within('resnets.0'), style, residual);
  const attend = spec.attention
    ? attentionBlock(scope.within('attentions.0'), {
        channels,
        headDim: style.attentionHeadDim,
        groups: spec.attentionGroups,
        epsilon: style.epsilon,
        outputScale,
      })
    : undefined;
  const after = residualBlock(scope.within('resnets.1'), style, residual);
  return (params, x, signal) => {
    const h = before(params, x, signal);
    return after(params, attend === undefined ? h : attend(params, h), signal);
  };
}
