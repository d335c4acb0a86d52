import { div, mul, reshape, sub, type Tensor } from '@tensorflow/tfjs-core';
import { defineFactory } from '@tweedie/core';
import { declaredNetwork } from '../kit/declared-network.js';
import { constant } from '../kit/initializers.js';
import { activate } from '../layers/activation.js';
import { convolution } from '../layers/convolution.js';
import { groupNormalization } from '../layers/group-normalization.js';
import type { BlockStyle } from './block-style.js';
import { downBlock } from './down-block.js';
import { conditioningEmbedding } from './embedding.js';
import { midBlock } from './mid-block.js';
import { unet2dOptions } from './options.js';
import { planLevels } from './plan.js';
import { upBlock } from './up-block.js';

/**
 * The U-Net of DDPM on images [B, height, width, inChannels]. Ho et al., "Denoising diffusion
 * probabilistic models" (2020), appendix B. Options, parameter names and parameter shapes are those
 * of diffusers' UNet2DModel (convolutions [out, in, height, width], linear layers [out, in]), so that
 * its checkpoints fit; initial values are distributed as in diffusers.
 *
 * Any image size works: a level of odd size is upsampled to the size of its skip connection. The
 * frequencies of the 'fourier' embedding are not trained; it needs times above 0. With `numClassEmbeds` or
 * `classEmbedType` each item needs a label; otherwise labels are ignored. Attention over n pixels
 * needs n² numbers a head.
 *
 * @throws TweedieError INVALID_OPTION when the blocks do not fit each other, groups do not divide
 * channels, a head is wider than its image, or the image is too small for its levels
 */
export const unet2d = defineFactory({
  owner: 'networks',
  id: 'unet2d',
  doc: 'the U-Net of DDPM on images, with the parameters of diffusers’ UNet2DModel',
  source: "Ho et al. 2020, appendix B; diffusers' UNet2DModel",
  options: unet2dOptions,
  create(options) {
    const { inChannels, outChannels, layersPerBlock, normNumGroups, timeEmbeddingType } = options;
    const levels = planLevels(options);
    const top = levels[0]!;
    const bottom = levels.at(-1)!;
    const classes =
      options.classEmbedType === null ? (options.numClassEmbeds ?? 0) : Number.POSITIVE_INFINITY;
    const style: BlockStyle = {
      embeddingSize: options.timeEmbeddingDim ?? 4 * top.channels,
      groups: normNumGroups,
      epsilon: options.normEps,
      activation: options.actFn,
      timeScaleShift: options.resnetTimeScaleShift,
      dropout: options.dropout,
      attentionHeadDim: options.attentionHeadDim,
    };
    const subject = { name: 'unet2d', itemShape: [...top.size, inChannels], classes };

    return declaredNetwork(subject, (scope) => {
      const convIn = convolution(scope.within('conv_in'), {
        inputs: inChannels,
        outputs: top.channels,
        kernelSize: 3,
        padding: 1,
      });
      const embed = conditioningEmbedding(scope, options, style.embeddingSize);

      /** Channels of what the way down leaves for the way up, the first first. */
      const skipChannels = [top.channels];
      const downBlocks = levels.map(({ channels, size, down }, i) => {
        const below = levels[i + 1];
        skipChannels.push(...Array<number>(layersPerBlock).fill(channels));
        if (below !== undefined) skipChannels.push(channels);
        return downBlock(scope.within(`down_blocks.${i}`), style, {
          inputs: levels[i - 1]?.channels ?? top.channels,
          outputs: channels,
          layers: layersPerBlock,
          attention: down.attention,
          size,
          downsampling: below && {
            kind: down.resampling,
            padding: options.downsamplePadding,
            size: below.size,
          },
        });
      });

      const middle = midBlock(scope.within('mid_block'), style, {
        channels: bottom.channels,
        size: bottom.size,
        attention: options.addAttention,
        attentionGroups:
          options.attnNormNumGroups ??
          (options.resnetTimeScaleShift === 'default' ? normNumGroups : null),
        outputScale: options.midBlockScaleFactor,
      });

      const upBlocks = levels.toReversed().map(({ channels, size, up }, i, upwards) => {
        const above = upwards[i + 1];
        return upBlock(scope.within(`up_blocks.${i}`), style, {
          inputs: upwards[i - 1]?.channels ?? bottom.channels,
          outputs: channels,
          skips: skipChannels.splice(-(layersPerBlock + 1)).reverse(),
          attention: up.attention,
          size,
          upsampling: above && { kind: up.resampling, size: above.size },
        });
      });

      const normOut = groupNormalization(scope.within('conv_norm_out'), top.channels, style);
      const convOut = convolution(scope.within('conv_out'), {
        inputs: top.channels,
        outputs: outChannels,
        kernelSize: 3,
        padding: 1,
        ...(options.zeroInitOutput ? { initializer: constant(0) } : {}),
      });

      return (params, x, conditioning) => {
        const signal = {
          embedding: activate(options.actFn, embed(params, conditioning)),
          masks: conditioning.dropout,
        };
        const centred = options.centerInputSample ? sub(mul(x, 2), 1) : x;
        const states: Tensor[] = [convIn(params, centred)];
        for (const block of downBlocks) states.push(...block(params, states.at(-1)!, signal));
        let h = middle(params, states.at(-1)!, signal);
        for (const block of upBlocks) {
          h = block(params, h, states.splice(-(layersPerBlock + 1)).reverse(), signal);
        }
        const y = convOut(params, normOut(params, h, { activation: 'silu' }));
        return timeEmbeddingType === 'fourier'
          ? div(y, reshape(conditioning.time, [-1, 1, 1, 1]))
          : y;
      };
    });
  },
});
