import { add, cast, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { Conditioning, Params } from '@tweedie/core';
import type { Layer, Scope } from '../kit/declaration.js';
import { activate } from '../layers/activation.js';
import { classEmbedding } from '../layers/class-embedding.js';
import { linear } from '../layers/linear.js';
import { gaussianFourier, sinusoidal } from '../layers/time-features.js';
import type { Unet2dOptions } from './options.js';

/** Standard deviation of the random frequencies, as in the NCSN++ of Song et al. (2021). */
const fourierScale = 16;

/** The embedding of time and class that every block takes: conditioning ↦ [B, size]. */
export function conditioningEmbedding(
  scope: Scope,
  options: Unet2dOptions,
  size: number,
): (params: Params, conditioning: Conditioning) => Tensor {
  const { timeScale } = options;
  const { features, count } = timeFeatures(scope, options);
  const embedTime = twoLayers(scope.within('time_embedding'), count, size);
  const embedClass = classLayer(scope.within('class_embedding'), options, size, features, count);
  return (params, { time, label }) => {
    const scaled = timeScale === 1 ? time : mul(time, timeScale);
    const embedded = embedTime(params, features(params, scaled));
    return embedClass === undefined ? embedded : add(embedded, embedClass(params, label!));
  };
}

function timeFeatures(scope: Scope, options: Unet2dOptions): { features: Layer; count: number } {
  const { flipSinToCos, freqShift } = options;
  const size = options.blockOutChannels[0]!;
  if (options.timeEmbeddingType === 'fourier') {
    const layer = gaussianFourier(scope.within('time_proj'), {
      frequencies: size,
      scale: fourierScale,
      of: 'logarithm',
    });
    return { features: layer, count: 2 * size };
  }
  const waves = sinusoidal({ size, flipSinToCos, freqShift });
  return { features: (_params, time) => waves(time), count: size };
}

function twoLayers(scope: Scope, inputs: number, outputs: number): Layer {
  const first = linear(scope.within('linear_1'), inputs, outputs);
  const second = linear(scope.within('linear_2'), outputs, outputs);
  return (params, x) => second(params, activate('silu', first(params, x)));
}

function classLayer(
  scope: Scope,
  { classEmbedType, numClassEmbeds }: Unet2dOptions,
  size: number,
  features: Layer,
  count: number,
): Layer | undefined {
  if (classEmbedType === 'timestep') {
    const embed = twoLayers(scope, count, size);
    return (params, label) => embed(params, features(params, cast(label, 'float32')));
  }
  return numClassEmbeds === null ? undefined : classEmbedding(scope, numClassEmbeds, size);
}
