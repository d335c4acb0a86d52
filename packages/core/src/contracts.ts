import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { FloatArray, HostArray, IntArray } from './host-array.js';
import type { JsonObject } from './json.js';
import type { Rng } from './rng.js';

/** The times on which a schedule is defined. Noise grows with t. */
export type TimeDomain =
  | { readonly kind: 'discrete' /** t = 0 … steps − 1 */; readonly steps: number }
  | { readonly kind: 'continuous'; readonly start: number; readonly end: number };

/**
 * A forward process q(x_t | x₀) = N(α(t) x₀, σ(t)² I), in float64. A discrete schedule also answers
 * between its steps, where it interpolates linearly in λ = ln(α/σ).
 */
export interface Schedule {
  readonly name: string;
  readonly config: JsonObject;
  readonly time: TimeDomain;
  /** Signal scale α(t) ≥ 0. */
  alpha(t: number): number;
  /** Noise scale σ(t) ≥ 0. */
  sigma(t: number): number;
  /** d ln α/dt and dσ²/dt where they are known in closed form; otherwise core differentiates. */
  rates?(t: number): { readonly logAlpha: number; readonly variance: number };
}

/** A point of a schedule. α = 0 (pure noise) and σ = 0 (clean data) are ordinary levels. */
export interface Level {
  readonly t: number;
  readonly alpha: number;
  readonly sigma: number;
}

/** c_skip, c_out, c_in and the network's time input c_noise of D = c_skip x + c_out F(c_in x; c_noise). */
export interface Coefficients {
  readonly skip: number;
  readonly out: number;
  readonly in: number;
  readonly noise: number;
}

/** What a network predicts, as four coefficients of the level. */
export interface Parameterization {
  readonly name: string;
  readonly config: JsonObject;
  coefficients(level: Level): Coefficients;
}

/** Named parameters; names are dotted: 'down_blocks.0.resnets.1.conv1.weight'. */
export type Params = Readonly<Record<string, Tensor>>;
/** The same in plain memory: initial values, checkpoints. */
export type HostParams = Readonly<Record<string, FloatArray>>;

/** What a network is told beside x. */
export interface Conditioning {
  /** The time input c_noise of each item, [B]. */
  readonly time: Tensor1D;
  /** Class of each item, int32 [B]. */
  readonly label?: Tensor1D | undefined;
  /** Dropout masks as drawn by the network's `dropoutMasks`; without them nothing is dropped. */
  readonly dropout?: Readonly<Record<string, Tensor>> | undefined;
}

/** A pure function of parameters and input, with a way to draw initial parameters. */
export interface Network {
  readonly name: string;
  readonly config: JsonObject;
  /** Shape of one item, without the batch axis: [2], [28, 28, 1] (images are height, width, channels). */
  readonly itemShape: readonly number[];
  /** Number of classes that it is conditioned on; absent or 0 when it takes no labels. */
  readonly classes?: number | undefined;
  /**
   * Number of noise levels that it has parameters for; its time input is then the step of a schedule
   * of as many steps.
   */
  readonly noiseLevels?: number | undefined;
  init(rng: Rng): HostParams;
  /** @param x [B, ...itemShape] @returns the raw prediction F, of x's shape */
  apply(params: Params, x: Tensor, conditioning: Conditioning): Tensor;
  /** Masks (0 or 1/(1 − rate)) for one training step, where the network has dropout. */
  dropoutMasks?(rng: Rng, batchSize: number): Draws;
}

/** A network with what gives its output meaning. */
export interface Model {
  readonly network: Network;
  readonly parameterization: Parameterization;
  readonly schedule: Schedule;
}

/** A law whose density and score are known, in float64; x is one item, flat. */
export interface Density {
  /** The law of x_t = αx₀ + σε. */
  at(level: Pick<Level, 'alpha' | 'sigma'>): Density;
  /** ln p(x) */
  logDensity(x: readonly number[]): number;
  /** ∇ ln p(x) */
  score(x: readonly number[]): readonly number[];
}

/** Clean data on the host: x is [B, ...itemShape]. */
export interface Batch {
  readonly x: FloatArray;
  /** [B] */
  readonly label?: IntArray | undefined;
  /** The law that the items were drawn from, where it is known; explicit score matching needs it. */
  readonly density?: Density | undefined;
}
/** The same on a backend. */
export interface TensorBatch {
  readonly x: Tensor;
  readonly label?: Tensor1D | undefined;
}

/** All that is random in a training step, drawn on the host: times, noises, projections, masks. */
export type Draws = Readonly<Record<string, HostArray>>;
/** The same on a backend. */
export type TensorDraws = Readonly<Record<string, Tensor>>;

/** A training objective: what to draw, and what to compute from it. */
export interface Loss {
  readonly name: string;
  readonly config: JsonObject;
  /** Item i's draws depend on (rng, i) only. */
  draw(model: Model, batch: Batch, rng: Rng): Draws;
  /** Pure tensor code; its gradient with respect to `params` trains. @returns the mean over the batch */
  value(model: Model, params: Params, batch: TensorBatch, draws: TensorDraws): Scalar;
}

/**
 * (x, level) ↦ E[x₀ | x_t = x]. Trained networks, exact posteriors, guided and measurement-
 * conditioned models are all denoisers. The result is the caller's to dispose; x stays the caller's.
 */
export type Denoiser = (x: Tensor, level: Level) => Tensor | Promise<Tensor>;

/**
 * One step of a sampler, from one level of the grid to the next. The tensors belong to the sampler,
 * which disposes them when the next step is asked for; `clone()` what you keep.
 */
export interface SampleStep {
  /** 0 … grid.length − 2 */
  readonly index: number;
  readonly from: Level;
  readonly to: Level;
  /** The state at `to`. */
  readonly x: Tensor;
  /** The estimate of x₀ that the step used (after clipping, where there is any). */
  readonly denoised: Tensor;
}

export interface SampleContext {
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Walks a grid of levels from noise to data. Stateless: all history lives in the generator. `start`
 * stays the caller's, the returned tensor is the caller's to dispose, and a generator that is left
 * early (`return()`, a break out of for-await) disposes what it holds.
 */
export interface Sampler {
  readonly name: string;
  readonly config: JsonObject;
  sample(
    denoiser: Denoiser,
    start: Tensor,
    grid: readonly Level[],
    context: SampleContext,
  ): AsyncGenerator<SampleStep, Tensor, void>;
}

/** A function of trees of tensors that depends on its arguments only. */
// biome-ignore lint/suspicious/noExplicitAny: the bound of a function type whose own types matter.
export type PureFunction = (...args: any[]) => any;

/** A pure step from a state to the next, which also takes inputs and reports outputs. */
export type ScanStep = (
  // biome-ignore lint/suspicious/noExplicitAny: the bound of a function type whose own types matter.
  carry: any,
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  inputs: any,
) => { readonly carry: unknown; readonly outputs: unknown };

/** A pure function made ready by a backend: the same arguments and result, asynchronously. */
export interface Compiled<F extends PureFunction> {
  /** The arguments stay the caller's; the result is the caller's to dispose. */
  (...args: Parameters<F>): Promise<ReturnType<F>>;
  /** Frees what the backend holds for it. */
  dispose(): Promise<void>;
}

export interface BackendInfo {
  readonly name: string;
  readonly kind: 'eager' | 'compiled';
  /** What computes: 'cpu', 'gpu', 'wasm'. */
  readonly device: string;
  readonly details: JsonObject;
}

/** Where tensors are computed. */
export interface Backend {
  readonly name: string;
  /** The tfjs backend on which its arguments and results live. */
  readonly tensorBackend: string;
  describe(): BackendInfo;
  /**
   * Makes a pure function ready. A compiling backend traces it at the first call with each set of
   * shapes.
   */
  compile<F extends PureFunction>(fn: F): Compiled<F>;
  /**
   * Makes a step ready that is run many times in one call, as jax.lax.scan does: the compiled
   * function takes the state and, stacked along a first axis, the inputs of all steps, and gives the
   * last state and the outputs of all, stacked alike. The same numbers as step by step, bit for bit.
   * Absent where nothing would be gained.
   */
  scan?<F extends ScanStep>(step: F): Compiled<F>;
  /**
   * The same function with its convolutions in bytes, once this backend has compiled it: post-training
   * quantization, for a function that closes over its parameters.
   *
   * @param options.calibration arguments as the function will be given, from which the ranges of bytes
   * are taken; they stay the caller's
   */
  quantize?<F extends PureFunction>(
    fn: F,
    options: { readonly calibration: readonly Parameters<F>[] },
  ): Promise<F>;
  dispose(): Promise<void>;
}

/** Items that can be fetched by index, in plain memory. */
export interface Dataset {
  readonly name: string;
  readonly config: JsonObject;
  readonly itemShape: readonly number[];
  /** Number of items; Infinity for a distribution that is drawn from. */
  readonly size: number;
  /** Number of classes, 0 when there are no labels. */
  readonly classes: number;
  /** The batch of a training step: a deterministic function of (rng's key, step). */
  batch(rng: Rng, step: number, batchSize: number): Batch;
}
