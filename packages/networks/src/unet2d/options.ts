import {
  boolean,
  choice,
  integer,
  mostClasses,
  number,
  numbers,
  type Options,
  text,
  texts,
} from '@tweedie/core';
import { mostSize } from '../kit/sizes.js';

/**
 * The options of diffusers' UNet2DModel in camelCase, with its defaults but for the blocks, which are
 * those of DDPM on CIFAR-10, and attentionHeadDim.
 */
export const unet2dOptions = {
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
  inChannels: integer({ default: 3, min: 1, max: mostSize, doc: 'channels of the image' }),
  outChannels: integer({ default: 3, min: 1, max: mostSize, doc: 'channels of the prediction' }),
  centerInputSample: boolean({ default: false, doc: 'takes images in [0, 1] to [−1, 1] first' }),
  timeEmbeddingType: choice(['positional', 'fourier'], {
    default: 'positional',
    doc: 'sinusoids of the time; or random frequencies of its logarithm, and the output over the time',
  }),
  timeEmbeddingDim: integer({
    default: null,
    min: 1,
    max: mostSize,
    doc: 'length of the embedding of time and class; null is four times the first channels',
  }),
  timeScale: number({
    default: 1,
    above: 0,
    doc: 'multiplies the time before it is embedded: 1000 suits positional with times from 0 to 1',
  }),
  freqShift: number({ default: 0, doc: 'shift of the frequencies of the positional embedding' }),
  flipSinToCos: boolean({ default: true, doc: 'cosines first in the positional embedding' }),
  downBlockTypes: texts({
    default: ['DownBlock2D', 'AttnDownBlock2D', 'DownBlock2D', 'DownBlock2D'],
    doc: 'blocks on the way down: DownBlock2D, AttnDownBlock2D, ResnetDownsampleBlock2D',
  }),
  upBlockTypes: texts({
    default: ['UpBlock2D', 'UpBlock2D', 'AttnUpBlock2D', 'UpBlock2D'],
    doc: 'blocks on the way up: UpBlock2D, AttnUpBlock2D, ResnetUpsampleBlock2D',
  }),
  blockOutChannels: numbers({
    default: [128, 256, 256, 256],
    doc: 'channels of each level, from the full size down',
  }),
  layersPerBlock: integer({
    default: 2,
    min: 1,
    max: 100,
    doc: 'residual blocks of a level on the way down',
  }),
  midBlockScaleFactor: number({
    default: 1,
    above: 0,
    doc: 'divides the outputs of the middle block',
  }),
  downsamplePadding: integer({
    default: 1,
    min: 0,
    max: 1,
    doc: 'padding of the halving convolutions; 0 pads below and right only',
  }),
  downsampleType: choice(['conv', 'resnet'], {
    default: 'conv',
    doc: 'how blocks with attention halve the image',
  }),
  upsampleType: choice(['conv', 'resnet'], {
    default: 'conv',
    doc: 'how blocks with attention double the image',
  }),
  dropout: number({
    default: 0,
    min: 0,
    below: 1,
    doc: 'share of the features dropped in training, in each residual block',
  }),
  actFn: choice(['silu', 'gelu', 'relu'], {
    default: 'silu',
    doc: 'activation of the residual blocks',
  }),
  attentionHeadDim: integer({
    default: null,
    min: 1,
    doc: 'channels of an attention head; null is one head',
  }),
  normNumGroups: integer({ default: 32, min: 1, doc: 'groups of the group normalisations' }),
  attnNormNumGroups: integer({
    default: null,
    min: 1,
    doc: 'groups of the norm before the middle attention; null is normNumGroups, or no norm with scale_shift',
  }),
  normEps: number({ default: 1e-5, above: 0, doc: 'epsilon of the group normalisations' }),
  resnetTimeScaleShift: choice(['default', 'scale_shift'], {
    default: 'default',
    doc: 'whether the embedding shifts the features, or scales and shifts them',
  }),
  addAttention: boolean({ default: true, doc: 'attention in the middle block' }),
  classEmbedType: text({
    default: null,
    doc: "null is a learned vector a class, 'timestep' embeds the label like a time",
  }),
  numClassEmbeds: integer({
    default: null,
    min: 1,
    max: mostClasses,
    doc: 'number of classes; null takes no labels',
  }),
  zeroInitOutput: boolean({
    default: false,
    doc: 'begins with an output of zeros, in place of a random last convolution',
  }),
};

export type Unet2dOptions = Options<typeof unet2dOptions>;
