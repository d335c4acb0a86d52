import { concat, mul, reshape, type Tensor } from '@tensorflow/tfjs-core';
import {
  choice,
  defineFactory,
  integer,
  mostClasses,
  number,
  numbers,
  TweedieError,
} from '@tweedie/core';
import type { Layer, Scope } from './kit/declaration.js';
import { declaredNetwork } from './kit/declared-network.js';
import { mostSize } from './kit/sizes.js';
import { activate, activationNames } from './layers/activation.js';
import { classEmbedding } from './layers/class-embedding.js';
import { linear } from './layers/linear.js';
import { gaussianFourier, sinusoidal } from './layers/time-features.js';

/**
 * Multi-layer perceptron on points [B, features], conditioned on the time and, where there are classes,
 * on the label: their embeddings are concatenated with x at the input. Parameters are 'layers.0.weight' [out, in],
 * 'layers.0.bias', …, 'label_embedding.weight' and, for Fourier features, 'time_proj.weight', which
 * is not trained. They begin as PyTorch's linear layers do.
 *
 * `parameters` holds the shapes without values; `classes` is 0 without labels, which are then
 * ignored. A label outside 0 … classes − 1 in `apply` reads as no class at all.
 *
 * @throws TweedieError INVALID_OPTION
 */
export const mlp = defineFactory({
  owner: 'networks',
  id: 'mlp',
  doc: 'multi-layer perceptron on points, conditioned on the time',
  options: {
    features: integer({ default: 2, min: 1, max: mostSize, doc: 'numbers a point has' }),
    widths: numbers({ default: [128, 128, 128], doc: 'units of each hidden layer' }),
    activation: choice(activationNames, {
      default: 'silu',
      doc: 'what follows each hidden layer',
    }),
    timeEmbedding: choice(['sinusoidal', 'fourier', 'raw', 'none'], {
      default: 'sinusoidal',
      doc: 'how the time enters: sinusoids of fixed or of random frequencies, as it is, or not at all',
    }),
    timeScale: number({
      default: 1,
      above: 0,
      doc: 'multiplies the time first: 1000 suits sinusoidal with times from 0 to 1',
    }),
    embeddingSize: integer({
      default: 64,
      min: 2,
      max: mostSize,
      doc: 'numbers in the embedding of the time, and of the class',
    }),
    fourierScale: number({
      default: 16,
      above: 0,
      doc: 'standard deviation of the random frequencies',
    }),
    classes: integer({
      default: 0,
      min: 0,
      max: mostClasses,
      doc: 'number of classes; 0 takes no labels',
    }),
  },
  create(options) {
    const { features, widths, activation, timeScale, embeddingSize, classes } = options;
    if (widths.length > mostLayers || widths.some((width) => !isSize(width))) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: 'networks',
        given: `mlp: widths is [${widths.slice(0, 10).join(', ')}${widths.length > 10 ? `, … (${widths.length})` : ''}]`,
        allowed: `whole numbers from 1 to ${mostSize}, at most ${mostLayers} of them`,
      });
    }
    return declaredNetwork({ name: 'mlp', itemShape: [features], classes }, (scope) => {
      const time = timeFeatures(scope, options);
      const label =
        classes === 0
          ? undefined
          : classEmbedding(scope.within('label_embedding'), classes, embeddingSize);
      const inputSize = features + time.size + (label === undefined ? 0 : embeddingSize);
      const sizes = [inputSize, ...widths, features];
      const layers = sizes
        .slice(1)
        .map((size, i) => linear(scope.within(`layers.${i}`), sizes[i]!, size));

      return (params, x, conditioning) => {
        const inputs: Tensor[] = [x];
        if (time.layer !== undefined) {
          const scaled = timeScale === 1 ? conditioning.time : mul(conditioning.time, timeScale);
          inputs.push(time.layer(params, scaled));
        }
        if (label !== undefined) inputs.push(label(params, conditioning.label!));
        const first = inputs.length === 1 ? x : concat(inputs, 1);
        return layers.reduce(
          (h, layer, i) => layer(params, i === 0 ? h : activate(activation, h)),
          first,
        );
      };
    });
  },
});

const mostLayers = 1000;
const isSize = (width: number) => Number.isInteger(width) && width >= 1 && width <= mostSize;

/** The features of the time at the first layer, and how many they are. */
function timeFeatures(
  scope: Scope,
  options: { timeEmbedding: string; embeddingSize: number; fourierScale: number },
): { size: number; layer?: Layer } {
  const { timeEmbedding, embeddingSize: size, fourierScale: scale } = options;
  switch (timeEmbedding) {
    case 'none':
      return { size: 0 };
    case 'raw':
      return { size: 1, layer: (_params, time) => reshape(time, [-1, 1]) };
    case 'fourier': {
      const frequencies = Math.floor(size / 2);
      const layer = gaussianFourier(scope.within('time_proj'), { frequencies, scale, of: 'time' });
      return { size: 2 * frequencies, layer };
    }
    default: {
      const waves = sinusoidal({ size });
      return { size, layer: (_params, time) => waves(time) };
    }
  }
}
