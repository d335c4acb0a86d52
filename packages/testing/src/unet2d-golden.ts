import { type FloatArray, type HostParams, hostArray, sizeOf } from '@tweedie/core';
import classTimestep from '../golden/unet2d/class-timestep.json';
import classes from '../golden/unet2d/classes.json';
import ddpm from '../golden/unet2d/ddpm.json';
import ddpmCifar10 from '../golden/unet2d/ddpm-cifar10.json';
import digits from '../golden/unet2d/digits.json';
import fourier from '../golden/unet2d/fourier.json';
import gelu from '../golden/unet2d/gelu.json';
import odd from '../golden/unet2d/odd.json';
import oddOneSided from '../golden/unet2d/odd-one-sided.json';
import resnetResampling from '../golden/unet2d/resnet-resampling.json';
import scaleShift from '../golden/unet2d/scale-shift.json';
import timestepEmbedding from '../golden/unet2d/timestep-embedding.json';
import {
  type GradientSummary,
  hashed,
  inputStream,
  type NamedShape,
  projectionsOf,
  summary,
  weightingStream,
} from './hashed-numbers.js';

/** diffusers' UNet2DModel on one configuration, in float64. Images are NHWC. */
export interface Unet2dGolden {
  readonly name: string;
  /** The model's options in camelCase; what is left out has UNet2DModel's default. */
  readonly options: Readonly<Record<string, number | boolean | string | null | readonly unknown[]>>;
  /** In the order of the state dict, which numbers the hash streams. */
  readonly parameters: readonly NamedShape[];
  readonly params: HostParams;
  readonly x: FloatArray;
  readonly time: readonly number[];
  readonly label: readonly number[] | null;
  readonly output: readonly number[];
  /** Gradients are those of Σ output · weighting. */
  readonly weighting: FloatArray;
  readonly inputGradient: GradientSummary;
  /** Parameters that are not trained are left out. */
  readonly gradients: ReadonlyMap<string, GradientSummary>;
  /** The projections of a gradient; `name` is a parameter's, or 'x'. */
  project(name: string, gradient: Float32Array): number[];
}

/** A parameter of a sensible size: variance 1/fan-in, small biases, norms around 1. */
function hashedParameter(index: number, [name, shape]: NamedShape): FloatArray {
  const data = hashed(index, sizeOf(shape));
  if (shape.length > 1) {
    const bound = Math.sqrt(3 / sizeOf(shape.slice(1)));
    return hostArray(
      data.map((u) => u * bound),
      shape,
    );
  }
  if (name.endsWith('bias'))
    return hostArray(
      data.map((u) => 0.1 * u),
      shape,
    );
  return hostArray(name.includes('norm') ? data.map((u) => 1 + 0.25 * u) : data, shape);
}

interface Recorded {
  readonly options: object;
  readonly time: readonly number[];
  readonly label: readonly number[] | null;
  readonly parameters: readonly (readonly unknown[])[];
  readonly output: readonly number[];
  readonly inputGradient: readonly number[];
  readonly gradients: object;
}

function load(name: string, recorded: Recorded): Unet2dGolden {
  const options = recorded.options as Unet2dGolden['options'];
  const parameters = recorded.parameters as readonly NamedShape[];
  const height = options.sampleSize as number;
  const width = (options.sampleWidth as number | undefined) ?? height;
  const shapeWith = (channels: unknown) => [
    recorded.time.length,
    height,
    width,
    channels as number,
  ];
  const inputShape = shapeWith(options.inChannels);
  const outputShape = shapeWith(options.outChannels);
  const gradients = Object.entries(recorded.gradients as Record<string, number[]>);
  return {
    name,
    options,
    parameters,
    time: recorded.time,
    label: recorded.label,
    output: recorded.output,
    get params() {
      return Object.fromEntries(
        parameters.map((parameter, index) => [parameter[0], hashedParameter(index, parameter)]),
      );
    },
    x: hostArray(hashed(inputStream, sizeOf(inputShape)), inputShape),
    weighting: hostArray(hashed(weightingStream, sizeOf(outputShape)), outputShape),
    inputGradient: summary(recorded.inputGradient),
    gradients: new Map(gradients.map(([key, values]) => [key, summary(values)])),
    project: (key, gradient) => projectionsOf(parameters, key, gradient),
  };
}

/** Outputs and gradients of small U-Nets that between them use every option. */
export const unet2dGoldens: readonly Unet2dGolden[] = [
  load('digits', digits),
  load('ddpm', ddpm),
  load('scale-shift', scaleShift),
  load('fourier', fourier),
  load('classes', classes),
  load('class-timestep', classTimestep),
  load('odd', odd),
  load('odd-one-sided', oddOneSided),
  load('resnet-resampling', resnetResampling),
  load('gelu', gelu),
];

/** Options, parameter names and shapes, and parameter count of DDPM's U-Net for CIFAR-10. */
export const ddpmCifar10Golden = ddpmCifar10 as unknown as {
  readonly options: Unet2dGolden['options'];
  readonly count: number;
  readonly parameters: readonly NamedShape[];
};

/** diffusers' get_timestep_embedding, float32; values are [time.length, size] of each embedding. */
export const timestepEmbeddingGolden: {
  readonly time: readonly number[];
  readonly embeddings: readonly {
    readonly size: number;
    readonly flipSinToCos: boolean;
    readonly freqShift: number;
    readonly values: readonly number[];
  }[];
} = timestepEmbedding;
