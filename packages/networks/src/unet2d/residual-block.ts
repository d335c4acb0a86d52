import { add, div, split, type Tensor } from '@tensorflow/tfjs-core';
import type { Scope } from '../kit/declaration.js';
import { convolution } from '../layers/convolution.js';
import { groupNormalization } from '../layers/group-normalization.js';
import { linear } from '../layers/linear.js';
import type { Block, BlockStyle, Size } from './block-style.js';

export interface ResidualBlockSpec {
  readonly inputs: number;
  readonly outputs: number;
  /** Size of the output. */
  readonly size: Size;
  /** Divides the output. */
  readonly outputScale?: number;
  /** Resizes x and the features after the first norm. */
  readonly resample?: (x: Tensor) => Tensor;
}

/**
 * norm, SiLU, convolution, embedding, norm, SiLU, dropout, convolution, with a shortcut. Ho et al.,
 * "Denoising diffusion probabilistic models" (2020), appendix B; scale and shift, and resampling
 * inside, are of Dhariwal & Nichol (2021). Names are those of diffusers' ResnetBlock2D.
 */
export function residualBlock(scope: Scope, style: BlockStyle, spec: ResidualBlockSpec): Block {
  const { inputs, outputs, size, outputScale = 1, resample } = spec;
  const { activation } = style;
  const scales = style.timeScaleShift === 'scale_shift';
  const same = { kernelSize: 3, padding: 1 };

  const norm1 = groupNormalization(scope.within('norm1'), inputs, style);
  const conv1 = convolution(scope.within('conv1'), { inputs, outputs, ...same });
  const project = linear(
    scope.within('time_emb_proj'),
    style.embeddingSize,
    scales ? 2 * outputs : outputs,
  );
  const norm2 = groupNormalization(scope.within('norm2'), outputs, style);
  const drop = scope.dropout('dropout', [...size, outputs], style.dropout);
  const conv2 = convolution(scope.within('conv2'), { inputs: outputs, outputs, ...same });
  const shortcut =
    inputs === outputs
      ? undefined
      : convolution(scope.within('conv_shortcut'), { inputs, outputs, kernelSize: 1 });

  return (params, x, { embedding, masks }) => {
    let h: Tensor = norm1(params, x, { activation });
    let direct = x;
    if (resample !== undefined) {
      h = resample(h);
      direct = resample(direct);
    }
    h = conv1(params, h);
    const projected = project(params, embedding);
    if (scales) {
      const [scale, offset] = split(projected, 2, 1);
      h = norm2(params, h, { activation, modulation: { factor: add(scale!, 1), offset: offset! } });
    } else {
      h = norm2(params, h, { activation, shift: projected });
    }
    h = conv2(params, drop(h, masks));
    const sum = add(shortcut === undefined ? direct : shortcut(params, direct), h);
    return outputScale === 1 ? sum : div(sum, outputScale);
  };
}
