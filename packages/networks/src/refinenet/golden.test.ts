import '@tensorflow/tfjs-backend-cpu';
import { div, mul, neg, reshape, sum, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { toTensor, toTensors, valueAndGrad } from '@tweedie/autodiff';
import { type JsonObject, type Params, sizeOf } from '@tweedie/core';
import {
  type GradientSummary,
  type RefinenetGolden,
  refinenetGoldens,
  refinenetParameterCounts,
} from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { refinenet } from './refinenet.js';
import { refinenetV2 } from './refinenet-v2.js';

/** Of the norm; float32 leaves 1e-6. */
const tolerance = 1e-5;
/** Of the norm; PyTorch's own gradients in float32 are off by up to 2.7e-5. */
const gradientTolerance = 5e-5;

const factoryOf = (golden: Pick<RefinenetGolden, 'network'>) =>
  golden.network === 'NCSN' ? refinenet : refinenetV2;

function norm(values: Iterable<number>): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

/** Largest difference of the norm and of the projections, relative to the norm. */
function distance(golden: GradientSummary, gradient: Float32Array, projections: number[]): number {
  const differences = projections.map((value, i) => value - golden.projections[i]!);
  differences.push(norm(gradient) - golden.norm);
  return Math.max(...differences.map(Math.abs)) / golden.norm;
}

/** The score, as the authors' networks give it. */
function scoreOf(golden: RefinenetGolden): (params: Params, x: Tensor) => Tensor {
  const network = factoryOf(golden)(golden.options as JsonObject);
  const { labels, sigmas } = golden;
  const last = (golden.options.levels as number | undefined) ?? 0;
  const time = tensor1d(labels.map((label) => last - 1 - label));
  return (params, x) => {
    const y = network.apply(params, x, { time });
    return sigmas === null ? y : div(neg(y), reshape(tensor1d([...sigmas]), [-1, 1, 1, 1]));
  };
}

describe.each(refinenetGoldens.map((golden) => [golden.name, golden] as const))(
  "the authors' %s",
  (_name, golden) => {
    it('has its parameters', () => {
      const network = factoryOf(golden)(golden.options as JsonObject);
      const shapes = Object.entries(network.parameters).map(([name, { shape }]) => [name, shape]);
      expect(shapes.sort()).toEqual([...golden.parameters].sort());
    });

    it('has its score and every gradient', async () => {
      const { output, grads } = tidy(() => {
        const score = scoreOf(golden);
        const params = toTensors(golden.params);
        const x = toTensor(golden.x);
        const weighting = toTensor(golden.weighting);
        const loss = ({ x: image, ...weights }: Params) =>
          sum(mul(score(weights, image!), weighting));
        return {
          output: score(params, x),
          grads: valueAndGrad(loss)({ ...params, x }).grads,
        };
      });

      const y = await output.data();
      expect(y.length).toBe(golden.output.length);
      const difference = golden.output.map((value, i) => value - y[i]!);
      expect(norm(difference) / norm(golden.output)).toBeLessThan(tolerance);

      const errors = new Map<string, number>();
      for (const [name, summary] of [...golden.gradients, ['x', golden.inputGradient] as const]) {
        const gradient = (await grads[name]!.data()) as Float32Array;
        errors.set(name, distance(summary, gradient, golden.project(name, gradient)));
      }
      expect([...errors].filter(([, error]) => !(error < gradientTolerance))).toEqual([]);
    });
  },
);

it.each(
  refinenetParameterCounts.map((entry) => [entry.network, entry.options.ngf, entry] as const),
)('%s of %i features has as many parameters as there', (_network, _ngf, entry) => {
  const { parameters } = factoryOf(entry)(entry.options as JsonObject);
  const count = Object.values(parameters).reduce((n, { shape }) => n + sizeOf(shape), 0);
  expect(count).toBe(entry.count);
});
