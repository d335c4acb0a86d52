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

/** A parameter's dotted name and its shape. */
export type NamedShape = readonly [name: string, shape: readonly number[]];

/** What a gradient is held to: its Euclidean norm and its dot products with hashed vectors. */
export interface GradientSummary {
  readonly norm: number;
  readonly projections: readonly number[];
}

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

const inputStream = 100_000;
const weightingStream = 100_001;
const projectionStream = 200_000;
const projections = 3;

/** Numbers in [−1, 1) on a grid of 2⁻²³, each a hash of (stream, element). */
function hashed(stream: number, count: number): Float32Array {
  const streamWord = Math.imul(stream + 1, 0x9e3779b1);
  return Float32Array.from({ length: count }, (_, element) => {
    let h = streamWord ^ Math.imul(element + 1, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    h ^= h >>> 16;
    return (h >>> 8) * 2 ** -23 - 1;
  });
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

function summary([norm, ...dots]: readonly number[]): GradientSummary {
  return { norm: norm!, projections: dots };
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
    project(key, gradient) {
      const found = parameters.findIndex(([parameter]) => parameter === key);
      const index = key === 'x' ? parameters.length : found;
      return Array.from({ length: projections }, (_, k) => {
        const direction = hashed(projectionStream + projections * index + k, gradient.length);
        return gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      });
    },
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
