import { setBackend, type Tensor } from '@tensorflow/tfjs-core';
import { toHost, toTensor } from '@tweedie/autodiff';
import {
  type Compiled,
  type Denoiser,
  type FloatArray,
  floats,
  type HostParams,
  type Level,
  type Model,
  type Rng,
  type Sampler,
} from '@tweedie/core';
import { createDenoiser } from '@tweedie/denoisers';
import { scoreOf } from '@tweedie/samplers';
import type { FigureContext } from './context.js';

/** Makes a trained model's denoiser, uses it, and frees it. */
export async function withDenoiser<Value>(
  { backend }: FigureContext,
  { model, params }: { readonly model: Model; readonly params: HostParams },
  use: (denoiser: Denoiser) => Promise<Value>,
): Promise<Value> {
  const denoiser = createDenoiser({ model, params, backend });
  try {
    await setBackend(backend.tensorBackend);
    return await use(denoiser);
  } finally {
    await denoiser.dispose();
  }
}

/** A function of points and level, compiled once for each level at which it is called. */
export function compiledByLevel(
  { backend }: FigureContext,
  compute: (x: Tensor, level: Level) => Tensor,
): { readonly call: Denoiser; readonly dispose: () => Promise<void> } {
  const programs = new Map<string, Compiled<(x: Tensor) => Tensor>>();
  return {
    call: (x, level) => {
      const key = `${level.alpha} ${level.sigma}`;
      const known = programs.get(key) ?? backend.compile((at: Tensor) => compute(at, level));
      programs.set(key, known);
      return known(x);
    },
    dispose: async () => {
      for (const program of programs.values()) await program.dispose();
    },
  };
}

/** E[x₀ | x_t] on the host, of an array on the host. */
export async function denoisedOf(
  denoiser: Denoiser,
  array: FloatArray,
  level: Level,
): Promise<FloatArray> {
  const x = toTensor(array);
  try {
    return await toHostAndDispose(await denoiser(x, level));
  } finally {
    x.dispose();
  }
}

/** A denoiser's score at 2-D points: N pairs to [N, 2]. */
export async function scoresAt(
  denoiser: Denoiser,
  points: readonly (readonly number[])[],
  level: Level,
): Promise<FloatArray> {
  const x = toTensor(floats(points.flat(), [points.length, points[0]!.length]));
  const denoised = await denoiser(x, level);
  try {
    return await toHostAndDispose(scoreOf(denoised, x, level));
  } finally {
    x.dispose();
    denoised.dispose();
  }
}

/** A state of a sampler on its way from noise to data. */
export interface RecordedState {
  /** Steps done; 0 is the start. */
  readonly step: number;
  readonly x: FloatArray;
}

/**
 * Runs a sampler over a grid, and records the states for whose number of steps done `keep` is true,
 * the start (0) among them.
 *
 * @throws TweedieError ABORTED
 */
export async function recordSampling(
  { backend, signal }: FigureContext,
  request: {
    readonly sampler: Sampler;
    readonly denoiser: Denoiser;
    readonly start: FloatArray;
    readonly grid: readonly Level[];
    readonly rng: Rng;
    readonly keep: (step: number) => boolean;
  },
): Promise<{ readonly states: readonly RecordedState[]; readonly end: FloatArray }> {
  const { sampler, denoiser, grid, rng, keep } = request;
  await setBackend(backend.tensorBackend);
  const start = toTensor(request.start);
  const states: RecordedState[] = [];
  if (keep(0)) states.push({ step: 0, x: request.start });
  try {
    let end = request.start;
    for await (const { index, x } of sampler.sample(denoiser, start, grid, { rng, signal })) {
      const isLast = index === grid.length - 2;
      if (!isLast && !keep(index + 1)) continue;
      const host = (await toHost(x)) as FloatArray;
      if (isLast) end = host;
      if (keep(index + 1)) states.push({ step: index + 1, x: host });
    }
    return { states, end };
  } finally {
    start.dispose();
  }
}

/** The path of point i through states of 2-D points. */
export function pathOf(states: readonly RecordedState[], i: number): [number, number][] {
  return states.map(({ x }) => [x.data[2 * i]!, x.data[2 * i + 1]!]);
}

async function toHostAndDispose(tensor: Tensor): Promise<FloatArray> {
  try {
    return (await toHost(tensor)) as FloatArray;
  } finally {
    tensor.dispose();
  }
}
