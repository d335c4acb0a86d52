import { dispose, scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { toHost, toTensor } from '@tweedie/autodiff';
import {
  type Backend,
  createRng,
  type Denoiser,
  type FloatArray,
  type IntArray,
  ints,
  type Level,
  type Model,
  type PureFunction,
} from '@tweedie/core';
import { createDenoiser } from '@tweedie/denoisers';
import { initialNoise, runSampler } from '@tweedie/samplers';
import type { CalibrationPoint, Sampling, TrainedModel } from './request.js';

export interface CalibrationOptions {
  readonly backend: Backend;
  /** Samples that are drawn, 8 by default. */
  readonly items?: number;
  /** Most levels that are kept, spread over the chain; 16 by default. */
  readonly levels?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a model's denoiser is given while a sampler draws a few samples: calibration for int8 that needs
 * no data.
 *
 * @throws TweedieError what sampling throws; ABORTED
 */
export async function calibrationOf(
  { model, params, sampler, grid }: TrainedModel & Sampling,
  { backend, items = 8, levels = 16, seed = 0, signal }: CalibrationOptions,
): Promise<readonly CalibrationPoint[]> {
  const denoiser = createDenoiser({ model, params, backend, label: labelsFor(model, items) });
  const stride = Math.ceil((grid.length - 1) / levels);
  const kept = new Set(grid.filter((_, i) => i % stride === 0));
  const points: CalibrationPoint[] = [];
  // A level is met once, however often a step asks for it.
  const listening: Denoiser = async (x, level) => {
    if (kept.delete(level)) points.push({ x: (await toHost(x)) as FloatArray, level });
    return denoiser(x, level);
  };
  const rng = createRng(seed).fork('calibration');
  const start = initialNoise(rng.fork('start'), [items, ...model.network.itemShape], grid[0]!);
  try {
    const context = { rng: rng.fork('steps'), schedule: model.schedule, signal };
    (await runSampler(sampler, listening, start, grid, context)).dispose();
    return points;
  } finally {
    start.dispose();
    await denoiser.dispose();
  }
}

/** Classes in turn, for as many items; undefined where the network takes none. */
export function labelsFor(model: Model, items: number): IntArray | undefined {
  const classes = model.network.classes ?? 0;
  if (classes === 0) return undefined;
  const most = Number.isFinite(classes) ? classes : 1;
  return ints(Array.from({ length: items }, (_, item) => item % most));
}

/**
 * A function of a state and numbers of its level, with convolutions in int8 where there is calibration.
 *
 * @param numbersOf the numbers that the function takes at a level, in their order
 */
export async function calibrated<F extends PureFunction>(
  fn: F,
  model: Model,
  points: readonly CalibrationPoint[] | undefined,
  numbersOf: (level: Level) => readonly number[],
): Promise<F> {
  if (points === undefined) return fn;
  const { quantize } = await import('@tweedie/backend-onnx');
  const calibration = points.map(({ x, level }) => {
    const labels = labelsFor(model, x.shape[0]!);
    const label: Tensor[] = labels === undefined ? [] : [toTensor(labels) as Tensor1D];
    const numbers = numbersOf(level).map((number) => scalar(number));
    return [toTensor(x), ...numbers, ...label] as Parameters<F>;
  });
  try {
    return await quantize(fn, { calibration });
  } finally {
    dispose(calibration as unknown as Tensor[]);
  }
}
