import { concat, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '@tweedie/core';
import type { Scope } from '../kit/declaration.js';
import { convolution } from '../layers/convolution.js';
import type { Block, BlockStyle, Signal, Size } from './block-style.js';
import { layerBlock } from './layer-block.js';
import { doubleTo } from './resample.js';
import { residualBlock } from './residual-block.js';

export interface UpBlockSpec {
  readonly inputs: number;
  readonly outputs: number;
  /** Channels of the skip connection of each layer. */
  readonly skips: readonly number[];
  readonly attention: boolean;
  readonly size: Size;
  /** How the image is doubled after the layers, and to what size; undefined leaves it as it is. */
  readonly upsampling: { readonly kind: 'conv' | 'resnet'; readonly size: Size } | undefined;
}

/**
 * A level of the upsampling half: each layer's input is the image concatenated with a skip connection.
 *
 * @returns takes one skip connection a layer, in the order of use
 */
export function upBlock(
  scope: Scope,
  style: BlockStyle,
  spec: UpBlockSpec,
): (params: Params, x: Tensor, skips: readonly Tensor[], signal: Signal) => Tensor {
  const { inputs, outputs, skips, attention, size, upsampling } = spec;
  const layers = skips.map((skipChannels, i) => {
    const before = i === 0 ? inputs : outputs;
    return layerBlock(scope, style, i, { inputs: before + skipChannels, outputs, size, attention });
  });
  const upsample =
    upsampling === undefined
      ? undefined
      : upsampler(scope.within('upsamplers.0'), style, outputs, upsampling);
  return (params, x, shown, signal) => {
    const h = layers.reduce(
      (image, layer, i) => layer(params, concat([image, shown[i]!], 3), signal),
      x,
    );
    return upsample === undefined ? h : upsample(params, h, signal);
  };
}

function upsampler(
  scope: Scope,
  style: BlockStyle,
  channels: number,
  { kind, size }: NonNullable<UpBlockSpec['upsampling']>,
): Block {
  const inAndOut = { inputs: channels, outputs: channels };
  const resample = (x: Tensor) => doubleTo(x, size);
  if (kind === 'resnet') return residualBlock(scope, style, { ...inAndOut, size, resample });
  const conv = convolution(scope.within('conv'), { ...inAndOut, kernelSize: 3, padding: 1 });
  return (params, x) => conv(params, resample(x));
}
