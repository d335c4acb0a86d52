import { add, div, reshape, type Tensor, transpose } from '@tensorflow/tfjs-core';
import { attention } from '@tweedie/autodiff';
import { TweedieError } from '@tweedie/core';
import type { Layer, Scope } from '../kit/declaration.js';
import { groupNormalization } from '../layers/group-normalization.js';
import { linear } from '../layers/linear.js';

export interface AttentionBlockSpec {
  readonly channels: number;
  /** Channels of a head; null is one head with all channels. */
  readonly headDim: number | null;
  /** Groups of the norm before it; null for none. */
  readonly groups: number | null;
  readonly epsilon: number;
  /** Divides the output. */
  readonly outputScale?: number;
}

/**
 * Self-attention over the pixels of an image, added to it. There are ⌊channels/headDim⌋ heads. Ho et
 * al. (2020), appendix B. Names are those of diffusers' Attention.
 *
 * @throws TweedieError INVALID_OPTION when a head is wider than the image has channels
 */
export function attentionBlock(scope: Scope, spec: AttentionBlockSpec): Layer {
  const { channels, groups, epsilon, outputScale = 1 } = spec;
  const headDim = spec.headDim ?? channels;
  const heads = Math.floor(channels / headDim);
  if (heads < 1) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'networks',
      given: `unet2d: attentionHeadDim is ${headDim}, and there is attention on ${channels} channels`,
      allowed: `at most ${channels}, or null for one head`,
    });
  }
  const inner = heads * headDim;
  const norm =
    groups === null
      ? undefined
      : groupNormalization(scope.within('group_norm'), channels, { groups, epsilon });
  const toQuery = linear(scope.within('to_q'), channels, inner);
  const toKey = linear(scope.within('to_k'), channels, inner);
  const toValue = linear(scope.within('to_v'), channels, inner);
  const toOutput = linear(scope.within('to_out.0'), inner, channels);

  return (params, x) => {
    const [items, height, width] = x.shape as [number, number, number, number];
    const pixels = height * width;
    const h = reshape(norm === undefined ? x : norm(params, x), [items, pixels, channels]);
    // Heads join the batch: [B, T, heads·D] as [B·heads, T, D].
    const separate = (t: Tensor) =>
      heads === 1
        ? t
        : reshape(transpose(reshape(t, [items, pixels, heads, headDim]), [0, 2, 1, 3]), [
            items * heads,
            pixels,
            headDim,
          ]);
    const join = (t: Tensor) =>
      heads === 1
        ? t
        : reshape(transpose(reshape(t, [items, heads, pixels, headDim]), [0, 2, 1, 3]), [
            items,
            pixels,
            inner,
          ]);
    const attended = attention(
      separate(toQuery(params, h)),
      separate(toKey(params, h)),
      separate(toValue(params, h)),
    );
    const sum = add(x, reshape(toOutput(params, join(attended)), x.shape));
    return outputScale === 1 ? sum : div(sum, outputScale);
  };
}
