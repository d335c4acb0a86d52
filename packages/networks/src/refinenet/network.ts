import { mul, sub } from '@tensorflow/tfjs-core';
import type { Scope } from '../kit/declaration.js';
import { activate } from '../layers/activation.js';
import { convolution } from '../layers/convolution.js';
import type { NoisyLayer } from './normalization.js';
import type { RefinenetOptions } from './options.js';
import type { Stage } from './plan.js';
import { refineBlock } from './refine-block.js';
import { residualBlock } from './residual-block.js';
import type { RefinenetStyle } from './style.js';

/**
 * An encoder of two residual blocks a stage, and a decoder of one refinement block a stage, which joins
 * the stage's image with the refined image of the stage below. Parameters have the names of the authors' networks.
 */
export function declareRefinenet(
  scope: Scope,
  style: RefinenetStyle,
  { channels, centerInputSample }: RefinenetOptions,
  stages: readonly Stage[],
): NoisyLayer {
  const around = { kernelSize: 3, padding: 1 };
  const top = stages[0]!.features;
  const begin = convolution(scope.within('begin_conv'), {
    inputs: channels,
    outputs: top,
    ...around,
  });
  const encoder = stages.map((stage, i) => encoderStage(scope, style, stage, i > 0));
  const decoder = stages.toReversed().map(({ refineName, features, size }, i, upwards) => {
    const above = upwards[i + 1];
    const below = upwards[i - 1];
    return refineBlock(scope.within(`refine${refineName}`), style, {
      // What comes from below has the features of this stage already, unless it is the lowest.
      inputs: below === undefined ? [features] : [features, i === 1 ? below.features : features],
      outputs: below === undefined ? features : (above ?? stages[0]!).features,
      size,
      last: above === undefined,
    });
  });
  const normalizer = style.normalization(scope.within('normalizer'), top);
  const end = convolution(scope.within('end_conv'), { inputs: top, outputs: channels, ...around });

  return (params, x, noise) => {
    let h = begin(params, centerInputSample ? sub(mul(x, 2), 1) : x);
    const images = encoder.map((stage) => {
      h = stage(params, h, noise);
      return h;
    });
    decoder.forEach((block, i) => {
      const image = images.pop()!;
      h = block(params, i === 0 ? [image] : [image, h], noise);
    });
    return end(params, activate(style.activation, normalizer(params, h, noise)));
  };
}

function encoderStage(
  scope: Scope,
  style: RefinenetStyle,
  { name, inputs, features, dilation }: Stage,
  enters: boolean,
): NoisyLayer {
  const part = scope.within(`res${name}`);
  const first = { inputs, outputs: features, enters, dilation };
  const second = { inputs: features, outputs: features, enters: false, dilation };
  const blocks = [first, second].map((spec, i) => residualBlock(part.within(`${i}`), style, spec));
  return (params, x, noise) => blocks.reduce((h, block) => block(params, h, noise), x);
}
