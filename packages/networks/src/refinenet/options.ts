import { boolean, choice, integer, numbers, type Options } from '@tweedie/core';
import { mostSize } from '../kit/sizes.js';
import { activationNames } from '../layers/activation.js';

/** Options that both RefineNets have. Defaults are those of NCSN for CIFAR-10. */
export const refinenetOptions = {
  sampleSize: integer({
    default: 32,
    min: 1,
    max: mostSize,
    doc: 'height of the image, and its width',
  }),
  sampleWidth: integer({
    default: null,
    min: 1,
    max: mostSize,
    doc: 'width of the image where it is not the height',
  }),
  channels: integer({ default: 3, min: 1, max: mostSize, doc: 'channels of the image' }),
  ngf: integer({ default: 128, min: 2, max: mostSize, doc: 'features of the first stage' }),
  multipliers: numbers({
    default: [1, 2, 2, 2],
    doc: 'features of each stage, as multiples of ngf',
  }),
  dilations: numbers({
    default: [1, 1, 2, 4],
    doc: 'dilation of each stage after the first; one with dilation 1 halves the image, any other keeps its size',
  }),
  activation: choice(activationNames, { default: 'elu', doc: 'activation before convolutions' }),
  centerInputSample: boolean({ default: false, doc: 'takes images in [0, 1] to [−1, 1] first' }),
};

export type RefinenetOptions = Options<typeof refinenetOptions>;
