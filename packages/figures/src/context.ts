import {
  type Backend,
  createRng,
  type Dataset,
  type HostParams,
  type JsonObject,
  type Model,
  type Rng,
  TweedieError,
} from '@tweedie/core';
import type { Figure } from '@tweedie/plots';

/** A figure with the numbers that it shows. */
export interface DrawnFigure {
  readonly figure: Figure;
  readonly numbers: JsonObject;
}

/** What a figure is doing: training, which counts its steps, or a stage that does not count. */
export interface FigureProgress {
  /** 'Figure 1: score of two moons' */
  readonly task: string;
  /** Training steps done so far and in all; absent for a stage that does not count. */
  readonly done?: number;
  readonly total?: number;
  /** The loss of the last training step. */
  readonly loss?: number;
}

/** A trained model of digits. */
export interface DigitModel {
  /** What the caption and the numbers call it: 'network of runs/digits, step 3000'. */
  readonly description: string;
  readonly model: Model;
  readonly params: HostParams;
}

export interface FigureOptions {
  /** Where everything is computed. It stays the caller's to dispose. */
  readonly backend: Backend;
  /** The seed of everything random; 0 unless given. */
  readonly seed?: number | undefined;
  /** Share of the usual amounts of training and sampling, above 0; 1 unless given. */
  readonly effort?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Images of the data set that Fig. 4 shows, [H, W, C] from −1 to 1; opened when Fig. 4 is drawn. */
  readonly digits?: (() => Dataset) | undefined;
  /** Draws the reverse chain of Fig. 4 in place of the ideal denoiser of the digits. */
  readonly digitModel?: DigitModel | undefined;
  readonly onProgress?: ((progress: FigureProgress) => void) | undefined;
}

/** What figures are computed with, and what they share. */
export interface FigureContext {
  readonly backend: Backend;
  readonly seed: number;
  /** Each figure forks streams of its own from it. */
  readonly rng: Rng;
  readonly effort: number;
  readonly signal: AbortSignal | undefined;
  readonly digits: (() => Dataset) | undefined;
  readonly digitModel: DigitModel | undefined;
  readonly report: (progress: FigureProgress) => void;
  /** Results that several figures need, by name. */
  readonly shared: Map<string, Promise<unknown>>;
}

/**
 * A context for `draw` of one or several figures, which compute what they share once.
 *
 * @throws TweedieError INVALID_OPTION when the effort is not above 0
 */
export function createFigureContext(options: FigureOptions): FigureContext {
  const { backend, seed = 0, effort = 1, signal, digits, digitModel } = options;
  if (!(effort > 0 && Number.isFinite(effort))) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'figures',
      given: `effort is ${effort}`,
      allowed: 'a number above 0',
    });
  }
  return {
    backend,
    seed,
    rng: createRng(seed),
    effort,
    signal,
    digits,
    digitModel,
    report: options.onProgress ?? (() => {}),
    shared: new Map(),
  };
}

/** Computes what is named at the first call, and returns the same at the next ones. */
export function once<Value>(
  { shared }: FigureContext,
  name: string,
  compute: () => Promise<Value>,
): Promise<Value> {
  const known = shared.get(name);
  if (known !== undefined) return known as Promise<Value>;
  const begun = compute();
  shared.set(name, begun);
  return begun;
}

/** A count by the context's effort, at least `least`. */
export function scaled({ effort }: FigureContext, count: number, least = 2): number {
  return Math.max(least, Math.round(count * effort));
}
