import type { Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '@tweedie/core';
import type { Scope } from '../kit/declaration.js';
import { convolution } from '../layers/convolution.js';
import type { Block, BlockStyle, Signal, Size } from './block-style.js';
import { layerBlock } from './layer-block.js';
import { halve } from './resample.js';
import { residualBlock } from './residual-block.js';

export interface DownBlockSpec {
  readonly inputs: number;
  readonly outputs: number;
  readonly layers: number;
  readonly attention: boolean;
  readonly size: Size;
  /** How the image is halved after the layers, and to what size; undefined leaves it as it is. */
  readonly downsampling:
    | { readonly kind: 'conv'; readonly padding: number; readonly size: Size }
    | { readonly kind: 'resnet'; readonly size: Size }
    | undefined;
}

/**
 * A level of the downsampling half.
 *
 * @returns gives the image after each layer and after the downsampling: the skip connections, the last
 * of which is also the input of the next level
 */
export function downBlock(
  scope: Scope,
  style: BlockStyle,
  spec: DownBlockSpec,
): (params: Params, x: Tensor, signal: Signal) => Tensor[] {
  const { inputs, outputs, layers, attention, size, downsampling } = spec;
  const stages: Block[] = Array.from({ length: layers }, (_, i) =>
    layerBlock(scope, style, i, { inputs: i === 0 ? inputs : outputs, outputs, size, attention }),
  );
  if (downsampling !== undefined) {
    stages.push(downsampler(scope.within('downsamplers.0'), style, outputs, downsampling));
  }
  return (params, x, signal) => {
    const states: Tensor[] = [];
    for (const stage of stages) states.push(stage(params, states.at(-1) ?? x, signal));
    return states;
  };
}

function downsampler(
  scope: Scope,
  style: BlockStyle,
  channels: number,
  downsampling: NonNullable<DownBlockSpec['downsampling']>,
): Block {
  const inAndOut = { inputs: channels, outputs: channels };
  if (downsampling.kind === 'resnet') {
    return residualBlock(scope, style, { ...inAndOut, size: downsampling.size, resample: halve });
  }
  const { padding } = downsampling;
  return convolution(scope.within('conv'), {
    ...inAndOut,
    kernelSize: 3,
    stride: 2,
    // TensorFlow's 'same', in which DDPM was first written: one row below and one column right.
    padding: padding === 0 ? [0, 1, 0, 1] : padding,
  });
}
