import { add, pad, type Tensor } from '@tensorflow/tfjs-core';
import { downsampleMean } from '@tweedie/autodiff';
import type { Layer, Scope } from '../kit/declaration.js';
import { activate } from '../layers/activation.js';
import { convolution } from '../layers/convolution.js';
import type { NoisyLayer } from './normalization.js';
import type { RefinenetStyle } from './style.js';

export interface ResidualBlockSpec {
  readonly inputs: number;
  readonly outputs: number;
  /** The first block of a stage, which changes the size or the dilation. */
  readonly enters: boolean;
  /** Step between the elements of a filter; above 1 the image keeps its size. */
  readonly dilation: number;
}

/**
 * norm, activation, convolution, twice, with a shortcut around them. The first block of a stage halves
 * the image by averaging, or has dilated filters instead. He et al., "Identity mappings in
 * deep residual networks" (2016); Yu & Koltun, "Multi-scale context aggregation by dilated
 * convolutions" (2016).
 */
export function residualBlock(
  scope: Scope,
  { activation, normalization }: RefinenetStyle,
  { inputs, outputs, enters, dilation }: ResidualBlockSpec,
): NoisyLayer {
  const between = enters ? inputs : outputs;
  const halves = enters && dilation === 1;
  const same = { kernelSize: 3, padding: dilation, dilation };

  const norm1 = normalization(scope.within('normalize1'), inputs);
  const conv1 = convolution(scope.within('conv1'), { inputs, outputs: between, ...same });
  const norm2 = normalization(scope.within('normalize2'), between);
  const conv2 = halves
    ? halvingConvolution(scope.within('conv2'), between, outputs)
    : convolution(scope.within('conv2'), { inputs: between, outputs, ...same });
  const shortcut = enters ? shortcutOf(scope.within('shortcut')) : undefined;

  function shortcutOf(part: Scope): Layer {
    if (dilation > 1) return convolution(part, { inputs, outputs, ...same });
    const pointwise = convolution(part.within('conv'), { inputs, outputs, kernelSize: 1 });
    // A convolution with filters of one pixel commutes with averaging.
    return (params, x) => pointwise(params, downsampleMean(evened(x), 2));
  }

  return (params, x, noise) => {
    let h = conv1(params, activate(activation, norm1(params, x, noise)));
    h = conv2(params, activate(activation, norm2(params, h, noise)));
    return add(shortcut === undefined ? x : shortcut(params, x), h);
  };
}

/** A convolution and then the mean of each 2 × 2 pixels. */
function halvingConvolution(scope: Scope, inputs: number, outputs: number): Layer {
  const layer = convolution(scope.within('conv'), { inputs, outputs, kernelSize: 3, padding: 1 });
  return (params, x) => downsampleMean(layer(params, evened(x)), 2);
}

/** One more row of zeros above, and column before, where there is an odd number of them. */
function evened(x: Tensor): Tensor {
  const [above, before] = [x.shape[1]! % 2, x.shape[2]! % 2];
  if (above === 0 && before === 0) return x;
  return pad(x, [
    [0, 0],
    [above, 0],
    [before, 0],
    [0, 0],
  ]);
}
