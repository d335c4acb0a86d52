import { add, type Tensor } from '@tensorflow/tfjs-core';
import { averagePool, maxPool, resizeBilinear } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import type { Scope } from '../kit/declaration.js';
import { activate } from '../layers/activation.js';
import { convolution } from '../layers/convolution.js';
import type { Noise, NoisyLayer } from './normalization.js';
import type { RefinenetStyle, Size } from './style.js';

/** Window of the chained pooling. */
const window = 5;

export interface RefineBlockSpec {
  /** Channels of each input: the encoder's image and, except in the lowest, the refined one. */
  readonly inputs: readonly number[];
  readonly outputs: number;
  /** The size to which all are resized. */
  readonly size: Size;
  /** The last block has more output convolutions. */
  readonly last: boolean;
}

type Refine = (params: Params, images: readonly Tensor[], noise: Noise) => Tensor;

/**
 * A refinement block: adapts its images, fuses them at one size, pools in a chain, refines. Lin et
 * al., "RefineNet" (2017), with the normalisations, mean pooling and activations of Song & Ermon
 * (2019), appendix A.
 */
export function refineBlock(scope: Scope, style: RefinenetStyle, spec: RefineBlockSpec): Refine {
  const { inputs, outputs, size, last } = spec;
  const adapt = inputs.map((channels, i) =>
    residualUnits(scope.within(`adapt_convs.${i}`), style, channels, 2),
  );
  const fuse =
    inputs.length === 1 ? undefined : fusion(scope.within('msf'), style, inputs, outputs, size);
  const pool = chainedPooling(scope.within('crp'), style, outputs);
  const refine = residualUnits(scope.within('output_convs'), style, outputs, last ? 3 : 1);

  return (params, images, noise) => {
    const adapted = adapt.map((units, i) => units(params, images[i]!, noise));
    const fused = fuse === undefined ? adapted[0]! : fuse(params, adapted, noise);
    return refine(params, pool(params, fused, noise), noise);
  };
}

/** Residual convolution units: (norm, activation, convolution) twice, around the image itself. */
function residualUnits(
  scope: Scope,
  { activation, refinementNormalization }: RefinenetStyle,
  channels: number,
  count: number,
): NoisyLayer {
  const units = Array.from({ length: count }, (_, i) =>
    [1, 2].map((stage) => {
      const norm = refinementNormalization(scope.within(`${i + 1}_${stage}_norm`), channels);
      const convolve = bareConvolution(scope.within(`${i + 1}_${stage}_conv`), channels);
      return { norm, convolve };
    }),
  );
  return (params, x, noise) =>
    units.reduce((image, stages) => {
      const h = stages.reduce(
        (part, { norm, convolve }) =>
          convolve(params, activate(activation, norm(params, part, noise))),
        image,
      );
      return add(h, image);
    }, x);
}

/** Multi-resolution fusion: the sum of all images, each convolved and resized to one size. */
function fusion(
  scope: Scope,
  { refinementNormalization }: RefinenetStyle,
  inputs: readonly number[],
  outputs: number,
  size: Size,
): Refine {
  const branches = inputs.map((channels, i) => ({
    norm: refinementNormalization(scope.within(`norms.${i}`), channels),
    convolve: convolution(scope.within(`convs.${i}`), {
      inputs: channels,
      outputs,
      kernelSize: 3,
      padding: 1,
    }),
  }));
  return (params, images, noise) =>
    branches
      .map(({ norm, convolve }, i) =>
        resizeBilinear(convolve(params, norm(params, images[i]!, noise)), size),
      )
      .reduce((sum, image) => add(sum, image));
}

/** Chained residual pooling: the image, and the result of each pooling after another, convolved, summed. */
function chainedPooling(
  scope: Scope,
  { activation, refinementNormalization, pooling }: RefinenetStyle,
  channels: number,
): NoisyLayer {
  const pool = pooling === 'mean' ? averagePool : maxPool;
  const stages = [0, 1].map((i) => ({
    norm: refinementNormalization(scope.within(`norms.${i}`), channels),
    convolve: bareConvolution(scope.within(`convs.${i}`), channels),
  }));
  return (params, x, noise) => {
    let path = activate(activation, x);
    let total = path;
    for (const { norm, convolve } of stages) {
      path = convolve(params, pool(norm(params, path, noise), window));
      total = add(path, total);
    }
    return total;
  };
}

function bareConvolution(scope: Scope, channels: number) {
  return convolution(scope, {
    inputs: channels,
    outputs: channels,
    kernelSize: 3,
    padding: 1,
    bias: false,
  });
}
