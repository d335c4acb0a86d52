import type { Tensor } from '@tensorflow/tfjs-core';
import { groupNorm } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import type { Scope } from '../declaration.js';
import { constant } from '../initializers.js';
import { type Activation, activate } from './activation.js';

export interface GroupNormalizationSpec {
  readonly groups: number;
  readonly epsilon: number;
}

/**
 * Group normalisation with a scale and an offset a channel, and the activation that may follow: SiLU
 * is one operation with it.
 */
export function groupNormalization(
  scope: Scope,
  channels: number,
  { groups, epsilon }: GroupNormalizationSpec,
): (params: Params, x: Tensor, activation?: Activation) => Tensor {
  const scale = scope.parameter('weight', [channels], constant(1));
  const offset = scope.parameter('bias', [channels], constant(0));
  return (params, x, activation) => {
    const fused = activation === 'silu' ? 'silu' : 'none';
    const y = groupNorm(x, scale(params), offset(params), { groups, epsilon, activation: fused });
    return activation === undefined || activation === 'silu' ? y : activate(activation, y);
  };
}
