import { scalar, type Tensor, zeros } from '@tensorflow/tfjs-core';
import { toHost, toTensor } from '@tweedie/autodiff';
import { type ModelArray, openModel } from '@tweedie/backend-onnx';
import {
  type Backend,
  createRng,
  type Denoiser,
  type FloatArray,
  hostArray,
  type Level,
  type Model,
  type Rng,
  sizeOf,
  throwIfAborted,
} from '@tweedie/core';
import { createDenoiser, type ModelDenoiser } from '@tweedie/denoisers';
import { initialNoise, runSampler } from '@tweedie/samplers';
import { labelsFor } from './export-calibration.js';
import { type ExportedRun, type ExportRequest, exportedWalk } from './export-run.js';
import { memoryNames } from './export-sampler.js';
import { createModel, createSampling } from './run-config.js';

export interface CheckOptions {
  /** Where the reference is computed. */
  readonly backend: Backend;
  /** Where the model is run: 'cpu' (onnxruntime-node, the default) or 'wasm' (onnxruntime-web). */
  readonly device?: 'cpu' | 'wasm';
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An exported model held to what it was made of. */
export interface ExportCheck {
  /**
   * The largest difference of an element, over the largest value of its array or of what the array
   * is a sum of. In bytes root mean squares of both.
   */
  readonly difference: number;
  /**
   * What rounding may do, and the export agrees below it: 1e-5; for a whole chain more, where errors
   * of 10⁻⁶ of the denoiser, at random, make more of it. In bytes 0.1, and errors of 0.02.
   */
  readonly tolerance: number;
  /** Arrays that were compared. */
  readonly compared: number;
  /** What the model takes and gives. */
  readonly inputs: readonly ModelArray[];
  readonly outputs: readonly ModelArray[];
}

/**
 * What an export may differ by, and the size of errors, relative to the largest terms of the denoiser,
 * that its precision makes: rounding in single precision, or to bytes.
 */
const precisions = {
  float32: { tolerance: 1e-5, error: 1e-6, norm: largest },
  // Errors of bytes are many and independent; the largest of them says little.
  int8: { tolerance: 0.1, error: 0.02, norm: rootMeanSquare },
} as const;

type Precision = (typeof precisions)[keyof typeof precisions];

/** Most levels of a denoiser, or steps of a sampler, at which an export is compared. */
const MOST_PLACES = 24;

/**
 * Runs an exported model with ONNX Runtime on random input and compares it with this library's own
 * denoiser or sampler on the same numbers.
 *
 * @throws TweedieError MISSING_BACKEND without the runtime, CORRUPT_FILE when it refuses the model,
 * NOT_FINITE, ABORTED
 */
export async function checkExport(
  exported: Pick<ExportedRun, 'model' | 'what' | 'draws'>,
  request: Omit<ExportRequest, 'what' | 'facts'>,
  { backend, device = 'cpu', seed = 0, signal }: CheckOptions,
): Promise<ExportCheck> {
  const model = createModel(request.config, request.registry);
  const rng = createRng(seed);
  const { batchSize, params } = request;
  const shape = [batchSize, ...model.network.itemShape];
  const label = labelsFor(model, batchSize);
  const denoiser = createDenoiser({ model, params, backend, label });
  const opened = await openModel(exported.model, { device });
  const labelTensor = label === undefined ? {} : { label: toTensor(label) };
  const bench: Bench = {
    request,
    model,
    denoiser,
    rng,
    shape,
    signal,
    draws: exported.draws,
    inputs: opened.inputs,
    precision: precisions[request.calibration === undefined ? 'float32' : 'int8'],
    async run(feeds, names) {
      throwIfAborted(signal, 'tweedie');
      const results = await opened.run({ ...labelTensor, ...feeds });
      const arrays = await Promise.all(names.map((name) => toHost(results[name]!)));
      for (const tensor of Object.values(results)) tensor.dispose();
      return arrays as FloatArray[];
    },
  };
  try {
    const { differences, tolerance = bench.precision.tolerance } =
      await checks[exported.what](bench);
    return {
      difference: Math.max(...differences),
      tolerance,
      compared: differences.length,
      inputs: opened.inputs,
      outputs: opened.outputs,
    };
  } finally {
    for (const tensor of Object.values(labelTensor)) tensor.dispose();
    await opened.dispose();
    await denoiser.dispose();
  }
}

interface Comparison {
  readonly differences: readonly number[];
  readonly tolerance?: number;
}

interface Bench {
  readonly request: Pick<ExportRequest, 'config' | 'registry'>;
  readonly model: Model;
  readonly denoiser: ModelDenoiser;
  readonly rng: Rng;
  readonly shape: readonly number[];
  readonly signal: AbortSignal | undefined;
  readonly draws: ExportedRun['draws'];
  readonly precision: Precision;
  readonly inputs: readonly ModelArray[];
  run(feeds: Readonly<Record<string, Tensor>>, names: readonly string[]): Promise<FloatArray[]>;
}

const checks = { denoiser: checkDenoiser, 'sampler-step': checkSteps, sampler: checkSampler };

/** Levels of the sampler's grid at which the denoiser has a meaning, spread over it. */
function levelsToCheck({ request, model }: Bench): readonly Level[] {
  const { grid } = createSampling(request.config.sampling, model, request.registry);
  const levels = grid.filter(
    (level, i) =>
      level.sigma > 0 &&
      (i === 0 || level.t !== grid[i - 1]!.t) &&
      Object.values(model.parameterization.coefficients(level)).every(Number.isFinite),
  );
  return spread(levels);
}

function spread<Item>(items: readonly Item[]): readonly Item[] {
  const stride = Math.ceil(items.length / MOST_PLACES);
  return items.filter((_, i) => i % stride === 0 || i === items.length - 1);
}

async function checkDenoiser(bench: Bench): Promise<Comparison> {
  const { denoiser, model, rng, shape, precision } = bench;
  const { norm } = precision;
  const differences: number[] = [];
  for (const level of levelsToCheck(bench)) {
    const { t, alpha, sigma } = level;
    const scale = Math.hypot(alpha, sigma);
    const state = scaled(rng.normal(shape), scale);
    const x = toTensor(state);
    const numbers = { alpha: scalar(alpha), sigma: scalar(sigma), time: scalar(t) };
    const estimate = await denoiser(x, level);
    const { data } = (await toHost(estimate)) as FloatArray;
    const [denoised, noise] = await bench.run({ x, ...numbers }, ['denoised', 'noise']);
    for (const tensor of [x, estimate, ...Object.values(numbers)]) tensor.dispose();
    // Where c_skip is large, D is the small difference of large terms.
    const size = norm(state.data);
    const { skip } = model.parameterization.coefficients(level);
    differences.push(differenceOf(precision, denoised!.data, data, Math.abs(skip) * size));
    const expected = data.map((value, i) => (state.data[i]! - alpha * value) / sigma);
    const terms = Math.max(size, alpha * Math.max(norm(data), Math.abs(skip) * size)) / sigma;
    differences.push(differenceOf(precision, noise!.data, expected, terms));
  }
  return { differences };
}

async function checkSteps(bench: Bench): Promise<Comparison> {
  const { request, model, denoiser, rng, shape, signal, draws, precision } = bench;
  const { sampler, grid } = exportedWalk(request, model);
  const walk = request.registry.create('sampler', sampler.name, sampler.options);
  const slots = memorySlots(bench);
  const steps = grid.slice(1).map((_, i) => i);
  // What a step remembers comes from the step before it, so that every step is made then.
  const places = new Set(slots.length > 0 ? steps : spread(steps));
  const { recorder, taken } = recording(rng.fork('steps'));
  const differences: number[] = [];
  const start = initialNoise(rng.fork('start'), shape, grid[0]!);
  let x = start.clone();
  let remembered = slots.map(({ shape: of }) => zeros([...of]));
  try {
    const context = { rng: recorder, schedule: model.schedule, signal };
    for await (const step of walk.sample(denoiser, start, grid, context)) {
      const drawn = taken();
      if (places.has(step.index)) {
        const index = scalar(step.index, 'int32');
        const noise = stacked(drawn, shape, draws.most > 1 ? draws.most : undefined);
        const history = slots.map(({ names }, i) => [names.input, remembered[i]!] as const);
        const [next, denoised, ...after] = await bench.run(
          { x, step: index, noise, ...Object.fromEntries(history) },
          ['x_next', 'denoised', ...slots.map(({ names }) => names.output)],
        );
        for (const used of [index, noise, ...remembered]) used.dispose();
        remembered = after.map((array) => toTensor(array));
        const { skip } = model.parameterization.coefficients(step.from);
        const terms = Math.abs(skip) * precision.norm(await x.data());
        differences.push(differenceOf(precision, next!.data, await step.x.data(), terms));
        differences.push(
          differenceOf(precision, denoised!.data, await step.denoised.data(), terms),
        );
      }
      x.dispose();
      x = step.x.clone();
    }
    return { differences };
  } finally {
    for (const tensor of [start, x, ...remembered]) tensor.dispose();
  }
}

interface MemorySlot {
  readonly names: ReturnType<typeof memoryNames>;
  readonly shape: readonly number[];
}

/** What an exported step takes and gives beside the state, for a method that remembers. */
function memorySlots({ inputs }: Bench): readonly MemorySlot[] {
  const slots: MemorySlot[] = [];
  for (let slot = 1; ; slot++) {
    const names = memoryNames(slot);
    const input = inputs.find(({ name }) => name === names.input);
    if (input === undefined) return slots;
    slots.push({ names, shape: input.shape as readonly number[] });
  }
}

async function checkSampler(bench: Bench): Promise<Comparison> {
  const { request, model, denoiser, rng, shape, signal, draws, precision } = bench;
  const { sampler, grid } = createSampling(request.config.sampling, model, request.registry);
  const { recorder, taken } = recording(rng.fork('steps'));
  const startState = initialNoise(rng.fork('start'), shape, grid[0]!);
  const { schedule } = model;
  const context = { rng: recorder, schedule, signal };
  const expected = await runSampler(sampler, denoiser, startState, grid, context);
  const start = toTensor(rng.fork('start').normal(shape));
  const noise = stacked(taken(), shape, draws.total);
  const [samples] = await bench.run({ start, noise }, ['samples']);
  const numbers = await expected.data();
  const difference = differenceOf(precision, samples!.data, numbers);
  let { tolerance }: { tolerance: number } = precision;
  if (difference > tolerance) {
    const again = { ...context, rng: rng.fork('steps') };
    const shaken = await runSampler(sampler, shakenDenoiser(bench), startState, grid, again);
    // A few times what errors at random do, as rounding errors are not quite at random.
    tolerance = Math.max(tolerance, 4 * differenceOf(precision, await shaken.data(), numbers));
    shaken.dispose();
  }
  for (const tensor of [startState, expected, start, noise]) tensor.dispose();
  return { differences: [difference], tolerance };
}

/** The denoiser with errors at random, of the size that rounding makes. */
function shakenDenoiser({ denoiser, model, rng, shape, precision }: Bench): Denoiser {
  const { norm, error } = precision;
  const errors = rng.fork('errors');
  return async (x, level) => {
    const estimate = await denoiser(x, level);
    const { skip } = model.parameterization.coefficients(level);
    const values = await estimate.data();
    const terms = Math.max(norm(values), Math.abs(skip) * norm(await x.data()));
    estimate.dispose();
    const drawn = errors.normal(shape).data;
    const shaken = Float32Array.from(values, (value, i) => value + error * terms * drawn[i]!);
    return toTensor(hostArray(shaken, shape));
  };
}

/** The same stream, which remembers the normal numbers that were drawn. */
function recording(rng: Rng): { readonly recorder: Rng; taken(): FloatArray[] } {
  let drawn: FloatArray[] = [];
  return {
    recorder: {
      ...rng,
      normal(shape) {
        const numbers = rng.normal(shape);
        drawn.push(numbers);
        return numbers;
      },
    },
    taken() {
      const all = drawn;
      drawn = [];
      return all;
    },
  };
}

/** `count` arrays in one, filled up with zeros; without a count the only one. */
function stacked(arrays: readonly FloatArray[], shape: readonly number[], count?: number): Tensor {
  const size = sizeOf(shape);
  const all = new Float32Array((count ?? 1) * size);
  arrays.forEach(({ data }, i) => {
    all.set(data, i * size);
  });
  return toTensor(hostArray(all, count === undefined ? shape : [count, ...shape]));
}

function scaled({ data, shape }: FloatArray, scale: number): FloatArray {
  return hostArray(
    data.map((value) => value * scale),
    shape,
  );
}

/** The largest absolute value; NaN where one is. */
function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (!(size <= most)) most = size;
    if (Number.isNaN(size)) return size;
  }
  return most;
}

function rootMeanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum / values.length);
}

function differenceOf(
  { norm }: Precision,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  terms = 0,
): number {
  const gap = norm(Float64Array.from(actual, (value, i) => value - expected[i]!));
  // NaN on either side is no agreement.
  if (Number.isNaN(gap)) return Number.POSITIVE_INFINITY;
  return gap === 0 ? 0 : gap / Math.max(norm(expected), terms);
}
