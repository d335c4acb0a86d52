import { type FloatArray, type HostParams, hostArray, sizeOf } from '@tweedie/core';
import ncsnColour from '../golden/refinenet/ncsn-colour.json';
import ncsnDigits from '../golden/refinenet/ncsn-digits.json';
import ncsnOdd from '../golden/refinenet/ncsn-odd.json';
import ncsnv2Colour from '../golden/refinenet/ncsnv2-colour.json';
import ncsnv2Deeper from '../golden/refinenet/ncsnv2-deeper.json';
import ncsnv2Deepest from '../golden/refinenet/ncsnv2-deepest.json';
import ncsnv2Digits from '../golden/refinenet/ncsnv2-digits.json';
import ncsnv2Odd from '../golden/refinenet/ncsnv2-odd.json';
import parameterCounts from '../golden/refinenet/parameter-counts.json';
import {
  type GradientSummary,
  hashed,
  inputStream,
  type NamedShape,
  projectionsOf,
  summary,
  weightingStream,
} from './hashed-numbers.js';

type Options = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** A network of the NCSN authors on one configuration, in float64. Images are NHWC. */
export interface RefinenetGolden {
  readonly name: string;
  /** NCSN is conditioned on the label; the others divide by `sigmas`. */
  readonly network: 'NCSN' | 'NCSNv2' | 'NCSNv2Deeper' | 'NCSNv2Deepest';
  readonly options: Options;
  /** Noise level of each item, 0 the most noise. */
  readonly labels: readonly number[];
  /** σ of each item, for the networks that divide by it. */
  readonly sigmas: readonly number[] | null;
  /** In the order of the authors' parameters, which numbers the hash streams. */
  readonly parameters: readonly NamedShape[];
  readonly params: HostParams;
  readonly x: FloatArray;
  /** The score. */
  readonly output: readonly number[];
  /** Gradients are those of Σ output · weighting. */
  readonly weighting: FloatArray;
  readonly inputGradient: GradientSummary;
  readonly gradients: ReadonlyMap<string, GradientSummary>;
  /** The projections of a gradient; `name` is a parameter's, or 'x'. */
  project(name: string, gradient: Float32Array): number[];
}

/** A parameter of a sensible size: variance 1/fan-in, small offsets, scales around 1. */
function hashedParameter(index: number, [name, shape]: NamedShape): FloatArray {
  const data = hashed(index, sizeOf(shape));
  const scaled = (of: (u: number) => number) => hostArray(data.map(of), shape);
  if (/(bias|beta)$/.test(name)) return scaled((u) => 0.1 * u);
  if (/(embed\.weight|alpha|gamma)$/.test(name)) return scaled((u) => 1 + 0.25 * u);
  const bound = Math.sqrt(3 / sizeOf(shape.slice(1)));
  return scaled((u) => u * bound);
}

interface Recorded {
  readonly network: string;
  readonly options: object;
  readonly labels: readonly number[];
  readonly sigmas: readonly number[] | null;
  readonly parameters: readonly unknown[];
  readonly output: readonly number[];
  readonly inputGradient: readonly number[];
  readonly gradients: object;
}

function load(name: string, recorded: Recorded): RefinenetGolden {
  const options = recorded.options as Options;
  const parameters = recorded.parameters as readonly NamedShape[];
  const { sampleSize, sampleWidth = sampleSize, channels } = options as Record<string, number>;
  const shape = [recorded.labels.length, sampleSize!, sampleWidth!, channels!];
  const gradients = Object.entries(recorded.gradients as Record<string, number[]>);
  return {
    name,
    network: recorded.network as RefinenetGolden['network'],
    options,
    labels: recorded.labels,
    sigmas: recorded.sigmas,
    parameters,
    get params() {
      return Object.fromEntries(
        parameters.map((parameter, index) => [parameter[0], hashedParameter(index, parameter)]),
      );
    },
    x: hostArray(hashed(inputStream, sizeOf(shape)), shape),
    output: recorded.output,
    weighting: hostArray(hashed(weightingStream, sizeOf(shape)), shape),
    inputGradient: summary(recorded.inputGradient),
    gradients: new Map(gradients.map(([key, values]) => [key, summary(values)])),
    project: (key, gradient) => projectionsOf(parameters, key, gradient),
  };
}

/** Outputs and gradients of small networks of NCSN and NCSNv2. */
export const refinenetGoldens: readonly RefinenetGolden[] = [
  load('ncsn-digits', ncsnDigits),
  load('ncsn-colour', ncsnColour),
  load('ncsn-odd', ncsnOdd),
  load('ncsnv2-digits', ncsnv2Digits),
  load('ncsnv2-colour', ncsnv2Colour),
  load('ncsnv2-odd', ncsnv2Odd),
  load('ncsnv2-deeper', ncsnv2Deeper),
  load('ncsnv2-deepest', ncsnv2Deepest),
];

/** How many parameters the authors' networks have with the options of their experiments. */
export const refinenetParameterCounts = parameterCounts as readonly {
  readonly network: RefinenetGolden['network'];
  readonly count: number;
  readonly options: Options;
}[];
