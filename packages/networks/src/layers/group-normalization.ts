import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import { groupNorm } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import type { Scope } from '../kit/declaration.js';
import { constant } from '../kit/initializers.js';
import { type Activation, activate } from './activation.js';

export interface GroupNormalizationSpec {
  readonly groups: number;
  readonly epsilon: number;
}

/** What may go with a group normalisation. */
export interface GroupNormalizationExtras {
  readonly activation?: Activation;
  /** Added to x before, [N, C]. */
  readonly shift?: Tensor;
  /** Multiplies the normalised features, and is added to them; each [N, C]. */
  readonly modulation?: { readonly factor: Tensor; readonly offset: Tensor };
}

/**
 * Group normalisation of [N, …, C] with a scale and an offset for each channel, and the activation
 * that may follow: SiLU is one operation with it. Wu & He (2018).
 */
export function groupNormalization(
  scope: Scope,
  channels: number,
  { groups, epsilon }: GroupNormalizationSpec,
): (params: Params, x: Tensor, extras?: GroupNormalizationExtras) => Tensor {
  const scale = scope.parameter('weight', [channels], constant(1));
  const offset = scope.parameter('bias', [channels], constant(0));
  return (params, x, { activation, shift, modulation } = {}) => {
    const [own, bias] = [scale(params), offset(params)];
    const [factor, addend] =
      modulation === undefined
        ? [own, bias]
        : [mul(modulation.factor, own), add(mul(modulation.factor, bias), modulation.offset)];
    const fused = activation === 'silu' ? 'silu' : 'none';
    const y = groupNorm(x, factor, addend, { groups, epsilon, activation: fused, shift });
    return activation === undefined || activation === 'silu' ? y : activate(activation, y);
  };
}
