import {
  add,
  matMul,
  mean,
  mul,
  reshape,
  rsqrt,
  split,
  square,
  sub,
  sum,
  type Tensor,
  tile,
} from '@tensorflow/tfjs-core';
import { groupNorm } from '@tweedie/autodiff';
import { hostArray, type Params } from '@tweedie/core';
import type { Initializer, Scope } from '../kit/declaration.js';
import { constant, normal } from '../kit/initializers.js';

/**
 * Weights of the noise levels for each item, [B, levels]; undefined where the network is not
 * conditioned on the noise level.
 */
export type Noise = Tensor | undefined;
/** A part of a RefineNet: a function of the parameters, an image and the noise level. */
export type NoisyLayer = (params: Params, x: Tensor, noise: Noise) => Tensor;
/** Declares a normalisation of so many channels. */
export type Normalization = (scope: Scope, channels: number) => NoisyLayer;

const epsilon = 1e-5;
const aroundOne = normal(0.02, 1);

/** No normalisation. */
export const none: Normalization = () => (_params, x) => x;

/**
 * Instance normalisation ++ with parameters for each noise level, one row of 'embed.weight' each: γ,
 * α and β side by side. Song & Ermon, "Generative modeling by estimating gradients of the data
 * distribution" (2019), appendix A.1.
 */
export function conditionalInstanceNormPlus(levels: number): Normalization {
  return (scope, channels) => {
    const weight = scope
      .within('embed')
      .parameter('weight', [levels, 3 * channels], scalesAndOffsets(channels));
    return (params, x, noise) => {
      const rows = matMul(noise!, weight(params));
      const [gamma, alpha, beta] = split(rows, 3, 1) as [Tensor, Tensor, Tensor];
      return instanceNormPlus(x, gamma, alpha, beta);
    };
  };
}

/** Instance normalisation ++ with the same 'gamma', 'alpha' and 'beta' at every noise level. */
export const unconditionalInstanceNormPlus: Normalization = (scope, channels) => {
  const alpha = scope.parameter('alpha', [channels], aroundOne);
  const gamma = scope.parameter('gamma', [channels], aroundOne);
  const beta = scope.parameter('beta', [channels], constant(0));
  return (params, x) => {
    const perItem = (t: Tensor) => tile(reshape(t, [1, channels]), [x.shape[0]!, 1]);
    return instanceNormPlus(x, perItem(gamma(params)), alpha(params), beta(params));
  };
};

/**
 * γ (x̂ + α m̂) + β: x̂ is x with mean 0 and variance 1 over each channel, and m̂ are the means that
 * this takes away, themselves with mean 0 and variance 1 over the channels.
 *
 * @param gamma [B, C]
 * @param alpha [B, C] or [C], as is beta
 */
function instanceNormPlus(x: Tensor, gamma: Tensor, alpha: Tensor, beta: Tensor): Tensor {
  const channels = x.shape[3]!;
  const means = mean(x, [1, 2]);
  const centred = sub(means, mean(means, 1, true));
  // The variance of a sample, over C − 1.
  const variance = mul(sum(square(centred), 1, true), 1 / (channels - 1));
  const standard = mul(centred, rsqrt(add(variance, epsilon)));
  const offset = add(mul(mul(gamma, alpha), standard), beta);
  return groupNorm(x, gamma, offset, { groups: channels, epsilon });
}

/** Rows of scales around 1, for γ and α, and of zeros for β. */
function scalesAndOffsets(channels: number): Initializer {
  return (rng, shape) => {
    const { data } = aroundOne(rng, shape);
    return hostArray(
      data.map((value, i) => (i % (3 * channels) < 2 * channels ? value : 0)),
      shape,
    );
  };
}
