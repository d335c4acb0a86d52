import type { Scope } from '../kit/declaration.js';
import { attentionBlock } from './attention-block.js';
import type { Block, BlockStyle } from './block-style.js';
import { type ResidualBlockSpec, residualBlock } from './residual-block.js';

/**
 * Layer `index` of a level of the U-Net: a residual block, and self-attention after it where the level
 * has any. Names are those of diffusers: `resnets.0`, `attentions.0`.
 */
export function layerBlock(
  scope: Scope,
  style: BlockStyle,
  index: number,
  { attention, ...spec }: ResidualBlockSpec & { readonly attention: boolean },
): Block {
  const residual = residualBlock(scope.within(`resnets.${index}`), style, spec);
  if (!attention) return residual;
  const attend = attentionBlock(scope.within(`attentions.${index}`), {
    channels: spec.outputs,
    headDim: style.attentionHeadDim,
    groups: style.groups,
    epsilon: style.epsilon,
  });
  return (params, x, signal) => attend(params, residual(params, x, signal));
}
