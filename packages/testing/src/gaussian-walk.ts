import { add, memory, mul, sub, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import {
  createRng,
  type Denoiser,
  type Level,
  type SampleContext,
  type Sampler,
  type SampleStep,
  type Schedule,
} from '@tweedie/core';

/** A schedule with λ = ln(α/σ) from 4.5 at its start to −4 at its end, and a grid through it. */
export interface GaussianProcess {
  readonly schedule: Schedule;
  /** Levels evenly spaced in λ, and the data at the end: as many steps as were asked for. */
  readonly grid: Level[];
}

export function gaussianProcess(steps: number, variancePreserving: boolean): GaussianProcess {
  const gaps = Math.max(1, steps - 1);
  // One step begins at the noisiest level too, t = 0 then.
  const end = steps - 1;
  const lambda = (t: number) => -4 + (8.5 * (end - t)) / gaps;
  const alpha = (t: number) =>
    variancePreserving ? 1 / Math.sqrt(1 + Math.exp(-2 * lambda(t))) : 1;
  const sigma = (t: number) =>
    variancePreserving ? 1 / Math.sqrt(1 + Math.exp(2 * lambda(t))) : Math.exp(-lambda(t));
  const levels = Array.from({ length: steps }, (_, i) => {
    const t = end - i;
    return { t, alpha: alpha(t), sigma: sigma(t) };
  });
  return {
    schedule: {
      name: 'even half-log-SNR',
      config: {},
      time: { kind: 'continuous', start: end - gaps, end },
      alpha,
      sigma,
    },
    grid: [...levels, { t: -1, alpha: 1, sigma: 0 }],
  };
}

/** E[x₀ | x] of data N(mean, deviation²): a point at deviation 0. */
export function gaussianDenoiser(mean: number, deviation: number): Denoiser {
  return (x, { alpha, sigma }) => {
    const gain = (alpha * deviation ** 2) / (alpha ** 2 * deviation ** 2 + sigma ** 2);
    return tidy(() => add(mul(sub(x, alpha * mean), gain), mean));
  };
}

/** Standard normal numbers times `scale`; item i of the stream stands in row i − firstItem. */
export function noiseTensor(seed: number, shape: number[], scale: number, firstItem = 0): Tensor {
  const { data } = createRng(seed).fromItem(firstItem).normal(shape);
  return tensor(
    data.map((value) => value * scale),
    shape,
  );
}

/** How many tensors and buffers are alive. */
export function counted(): { readonly tensors: number; readonly buffers: number } {
  const { numTensors, numDataBuffers } = memory();
  return { tensors: numTensors, buffers: numDataBuffers };
}

export interface KitWalk extends Partial<Omit<SampleContext, 'rng'>> {
  readonly start: Tensor;
  readonly seed: number;
  readonly process: GaussianProcess;
  readonly denoiser?: Denoiser;
  readonly firstItem?: number;
}

/** A walk of a kit: from `start` with the noise of (seed, item), with an exact denoiser by default. */
export function walkOf(sampler: Sampler, walk: KitWalk): AsyncGenerator<SampleStep, void, void> {
  const { start, seed, process, firstItem = 0, signal } = walk;
  const { denoiser = gaussianDenoiser(0.5, 0.5) } = walk;
  const rng = createRng(seed).fromItem(firstItem);
  const { schedule, grid } = process;
  return sampler.sample(denoiser, start, grid, { rng, schedule, signal });
}

/** The last state of a walk. */
export async function finish(steps: AsyncGenerator<SampleStep, void, void>): Promise<Float32Array> {
  let values = new Float32Array();
  for await (const { x } of steps) values = Float32Array.from(await x.data());
  return values;
}
