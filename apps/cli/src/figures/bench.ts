import { setBackend, type Tensor } from '@tensorflow/tfjs-core';
import { toHost, toTensor } from '@tweedie/autodiff';
import {
  type Backend,
  type Compiled,
  type Dataset,
  type Denoiser,
  type FloatArray,
  floats,
  type HostParams,
  type JsonObject,
  type Level,
  type Loss,
  type Model,
  type Rng,
  type Sampler,
  throwIfAborted,
} from '@tweedie/core';
import { createDenoiser } from '@tweedie/networks';
import type { Figure } from '@tweedie/plots';
import { scoreOf } from '@tweedie/samplers';
import { type TrainingRecord, train } from '@tweedie/training';
import { createProgress } from '../progress.js';

/** What a figure is computed with. */
export interface Bench {
  readonly backend: Backend;
  /** The seed of everything random; figures fork their own streams from `rng`. */
  readonly seed: number;
  readonly rng: Rng;
  /** Share of the usual amounts of training and sampling, above 0; 1 for figures to be shown. */
  readonly effort: number;
  readonly signal?: AbortSignal | undefined;
  /** A trained run whose network draws the digits of Fig. 4. */
  readonly run?: string | undefined;
  readonly note: (text: string) => void;
  /** What several figures need is computed once. */
  readonly shared: Map<string, Promise<unknown>>;
}

/** A figure with the numbers that it shows. */
export interface DrawnFigure {
  readonly figure: Figure;
  readonly numbers: JsonObject;
}

/** Computes what is named once and gives it to all who ask. */
export function once<Value>(
  bench: Bench,
  name: string,
  compute: () => Promise<Value>,
): Promise<Value> {
  const known = bench.shared.get(name);
  if (known !== undefined) return known as Promise<Value>;
  const begun = compute();
  bench.shared.set(name, begun);
  return begun;
}

/** A number of steps by the bench's effort, at least `least`. */
export function scaled(bench: Bench, count: number, least = 2): number {
  return Math.max(least, Math.round(count * bench.effort));
}

/** A trained model with the story of its training. */
export interface Learned {
  readonly model: Model;
  readonly params: HostParams;
  readonly records: readonly TrainingRecord[];
  /** Averaged weights after some of the steps, in the order in which they were asked for. */
  readonly snapshots: readonly { readonly step: number; readonly params: HostParams }[];
}

export interface LearnRequest {
  readonly what: string;
  readonly model: Model;
  readonly loss: Loss;
  readonly data: Dataset;
  /** Options of `train`; `steps` is taken as it is. */
  readonly options: JsonObject & { readonly steps: number };
  readonly snapshotsAt?: readonly number[] | undefined;
}

/**
 * Trains, with a line of progress on stderr.
 *
 * @throws TweedieError ABORTED, and as `train`
 */
export async function learn(bench: Bench, request: LearnRequest): Promise<Learned> {
  const { model, loss, data, options, snapshotsAt = [] } = request;
  const training = train({
    model,
    loss,
    data,
    backend: bench.backend,
    options: { seed: bench.seed, ...options },
    signal: bench.signal,
  });
  const progress = createProgress({ total: options.steps, label: request.what });
  const records: TrainingRecord[] = [];
  const snapshots: { step: number; params: HostParams }[] = [];
  try {
    for await (const record of training) {
      records.push(record);
      progress.update(record.step, `loss ${record.loss.toFixed(3)}`);
      if (snapshotsAt.includes(record.step)) {
        snapshots.push({ step: record.step, params: await training.weights('ema') });
      }
    }
    throwIfAborted(bench.signal, 'cli');
    return { model, params: await training.weights('ema'), records, snapshots };
  } finally {
    progress.finish();
    await training.dispose();
  }
}

/** Uses a trained model's denoiser, and frees it. */
export async function withDenoiser<Value>(
  bench: Bench,
  { model, params }: { readonly model: Model; readonly params: HostParams },
  use: (denoiser: Denoiser) => Promise<Value>,
): Promise<Value> {
  const denoiser = createDenoiser({ model, params, backend: bench.backend });
  try {
    await setBackend(bench.backend.tensorBackend);
    return await use(denoiser);
  } finally {
    await denoiser.dispose();
  }
}

/** A function of points and level that is compiled, once for each level that it meets. */
export function compiledByLevel(
  bench: Bench,
  compute: (x: Tensor, level: Level) => Tensor,
): { readonly call: Denoiser; readonly dispose: () => Promise<void> } {
  const programs = new Map<string, Compiled<(x: Tensor) => Tensor>>();
  return {
    call: (x, level) => {
      const key = `${level.alpha} ${level.sigma}`;
      const known = programs.get(key) ?? bench.backend.compile((at: Tensor) => compute(at, level));
      programs.set(key, known);
      return known(x);
    },
    dispose: async () => {
      for (const program of programs.values()) await program.dispose();
    },
  };
}

/** A denoiser's score at points of the plane: [N, 2] or pairs to [N, 2]. */
export async function scoresAt(
  denoiser: Denoiser,
  points: readonly (readonly number[])[],
  level: Level,
): Promise<FloatArray> {
  const x = toTensor(floats(points.flat(), [points.length, points[0]!.length]));
  const denoised = await denoiser(x, level);
  const score = scoreOf(denoised, x, level);
  const host = (await toHost(score)) as FloatArray;
  for (const tensor of [x, denoised, score]) tensor.dispose();
  return host;
}

/** A state on the way of a sampler. */
export interface Station {
  /** Steps done; 0 is the start. */
  readonly step: number;
  readonly level: Level;
  readonly x: FloatArray;
  /** The estimate of x₀ that the step used; none at the start. */
  readonly denoised?: FloatArray;
}

/**
 * Walks a sampler's grid and keeps the states for which `keep` is true of the number of steps done,
 * the start among them.
 *
 * @throws TweedieError ABORTED
 */
export async function walk(
  bench: Bench,
  request: {
    readonly sampler: Sampler;
    readonly denoiser: Denoiser;
    readonly start: FloatArray;
    readonly grid: readonly Level[];
    readonly rng: Rng;
    readonly keep?: (step: number) => boolean;
  },
): Promise<{ readonly stations: readonly Station[]; readonly end: FloatArray }> {
  const { sampler, denoiser, grid, rng, keep = () => false } = request;
  await setBackend(bench.backend.tensorBackend);
  const start = toTensor(request.start);
  const stations: Station[] = [];
  if (keep(0)) stations.push({ step: 0, level: grid[0]!, x: request.start });
  try {
    const steps = sampler.sample(denoiser, start, grid, { rng, signal: bench.signal });
    for (;;) {
      const step = await steps.next();
      if (step.done) return { stations, end: await take(step.value) };
      const { index, to, x, denoised } = step.value;
      if (!keep(index + 1)) continue;
      stations.push({
        step: index + 1,
        level: to,
        x: (await toHost(x)) as FloatArray,
        denoised: (await toHost(denoised)) as FloatArray,
      });
    }
  } finally {
    start.dispose();
  }
}

async function take(tensor: Tensor): Promise<FloatArray> {
  const host = (await toHost(tensor)) as FloatArray;
  tensor.dispose();
  return host;
}

/** The rows of an array [N, D]. */
export function rowsOf({ data, shape }: FloatArray): number[][] {
  const [count = 0, size = 0] = shape;
  return Array.from({ length: count }, (_, i) => [...data.subarray(i * size, (i + 1) * size)]);
}

/** The points of an array [N, 2]. */
export function pairsOf(array: FloatArray): [number, number][] {
  return rowsOf(array) as [number, number][];
}

/** The way of point i through stations, its points in order. */
export function pathOf(stations: readonly Station[], i: number): [number, number][] {
  return stations.map(({ x }) => [x.data[2 * i]!, x.data[2 * i + 1]!]);
}

/** To a few significant digits, for numbers that are printed. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}
