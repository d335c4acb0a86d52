import diffusionLoops from '../golden/schedulers/ddpm-and-ddim-loops.json';
import firstOrderLoops from '../golden/schedulers/first-order-loops.json';
import references from '../golden/schedulers/reference.json';
import secondOrderLoops from '../golden/schedulers/second-order-loops.json';
import tables from '../golden/schedulers/tables.json';
import variances from '../golden/schedulers/variances.json';

/** diffusers' own configuration of a scheduler; what is left out has its default. */
export interface SchedulerConfig {
  readonly num_train_timesteps?: number;
  readonly beta_start?: number;
  readonly beta_end?: number;
  readonly beta_schedule?: string;
  readonly variance_type?: string;
  readonly clip_sample?: boolean;
  readonly clip_sample_range?: number;
  readonly set_alpha_to_one?: boolean;
  readonly prediction_type?: string;
  readonly timestep_spacing?: string;
  readonly steps_offset?: number;
  readonly rescale_betas_zero_snr?: boolean;
  readonly thresholding?: boolean;
  readonly dynamic_thresholding_ratio?: number;
  readonly sample_max_value?: number;
  readonly sigma_data?: number;
  readonly solver_type?: string;
  readonly euler_at_final?: boolean;
}

/** A sampling loop recorded from diffusers (commit 58eb52c), with what came out. */
export interface SchedulerLoop {
  readonly name: string;
  readonly scheduler: string;
  readonly config: SchedulerConfig;
  /** null: the loop runs over all T timesteps. */
  readonly num_inference_steps: number | null;
  /** Which loop: 'plain', 'ddpm-full', 'unclip', 'scale-separate' or 'batch_step_no_noise'. */
  readonly loop: string;
  /** Which model: see `goldenModel`. */
  readonly model: string;
  /** Σ|x| of the final sample, and how near ours must come. */
  readonly expected_sum: number | null;
  readonly tol_sum: number | null;
  readonly expected_mean: number;
  readonly tol_mean: number;
  readonly deterministic: boolean;
  readonly noise_draws: number;
  /** diffusers' tests start at this index of the timesteps, from noised data. */
  readonly t_start?: number;
  readonly eta?: number;
  readonly step_kwargs?: { readonly eta?: number; readonly use_clipped_model_output?: boolean };
  readonly timesteps?:
    | readonly number[]
    | { readonly n: number; readonly head: readonly number[]; readonly tail: readonly number[] };
  readonly sigmas?: readonly number[];
  readonly init_noise_sigma?: number;
  /** Element `probe_index` after each step. */
  readonly probe_index?: number;
  readonly probe_trace?: readonly number[] | Readonly<Record<string, unknown>>;
  /** Some elements of the final sample by flat index. */
  readonly final_vals?: Readonly<Record<string, number>>;
  readonly out_idx?: readonly number[];
  readonly out_vals?: readonly number[];
}

/** Loops of DDPM, DDIM, DDIM inversion and unCLIP. */
export const diffusionLoopCases = diffusionLoops as readonly SchedulerLoop[];
/** Loops of other schedulers that at first order are DDIM in other variables. */
export const firstOrderLoopCases = firstOrderLoops as readonly SchedulerLoop[];
/** Loops of DPM-Solver++ at second order (also in EDM's variables) and of Heun's method. */
export const secondOrderLoopCases = secondOrderLoops as unknown as readonly SchedulerLoop[];

/** Variances of diffusers' reverse steps: an expression with its value, or a table by timestep. */
export interface SchedulerVariance {
  readonly name: string;
  readonly config: SchedulerConfig;
  readonly expr?: string;
  readonly expected?: number;
  readonly tol?: number;
  readonly values?: Readonly<Record<string, number>>;
}
export const schedulerVarianceCases = variances as unknown as readonly SchedulerVariance[];

/** β and ᾱ at a few indices. */
export interface BetaTable {
  readonly idx: readonly number[];
  readonly betas?: readonly number[];
  readonly alphas_cumprod: readonly number[];
  readonly sum_betas?: number;
  readonly sum_alphas_cumprod?: number;
}
interface Table {
  readonly name: string;
  readonly values: BetaTable | readonly number[];
}

/** diffusers' β tables by name ('linear_T1000'), in float32. */
export const betaTables: Readonly<Record<string, BetaTable>> = collect('gen.table.ddpm_');
/** diffusers' timesteps by 'Scheduler_spacing_steps', of 1000. */
export const timestepTables: Readonly<Record<string, readonly number[]>> =
  collect('gen.table.timesteps_');

function collect<Values>(prefix: string): Record<string, Values> {
  const chosen = (tables as unknown as readonly Table[]).filter(({ name }) =>
    name.startsWith(prefix),
  );
  return Object.fromEntries(
    chosen.map(({ name, values }) => [name.slice(prefix.length), values as Values]),
  );
}

/** float64 values of improved-diffusion, NCSN, score_sde, k-diffusion, DPM-Solver, smalldiffusion. */
export const schedulerReferences = references;

/** Shape of the recorded loops: the order of elements is torch's, row-major. */
export const goldenShape = [4, 3, 8, 8] as const;
const goldenSize = 768;

/** `dummy_sample_deter` of diffusers' tests; its flat index runs over (c, h, w, b) there. */
export function goldenSample(): Float32Array {
  return permuted((rank) => rank / goldenSize);
}

/** `dummy_noise_deter` of diffusers' tests. */
export function goldenNoise(): Float32Array {
  return permuted((rank) => (goldenSize - 1 - rank) / goldenSize);
}

function permuted(value: (rank: number) => number): Float32Array {
  const [batch] = goldenShape;
  const perItem = goldenSize / batch;
  return Float32Array.from({ length: goldenSize }, (_, index) =>
    value((index % perItem) * batch + Math.floor(index / perItem)),
  );
}

/** Draw k of the recorded loops with deterministic noise: √2 sin(j + 1 + k/2). */
export function goldenDraw(k: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, j) => Math.SQRT2 * Math.sin(j + 1 + 0.5 * k));
}

/**
 * The models of the recorded loops, element by element, for an input and diffusers' timestep.
 * 'dummy': x t/(t + 1); 'tanh': tanh(2x − 1) t/(t + 1); 'halftanh': tanh(2x − 1)/2.
 */
export function goldenModel(name: string): (x: number, t: number) => number {
  if (name === 'dummy') return (x, t) => (x * t) / (t + 1);
  if (name === 'tanh') return (x, t) => (Math.tanh(2 * x - 1) * t) / (t + 1);
  if (name === 'halftanh') return (x) => 0.5 * Math.tanh(2 * x - 1);
  throw new RangeError(`there is no golden model '${name}'`);
}
