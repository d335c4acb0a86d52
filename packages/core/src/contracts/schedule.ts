import type { JsonObject } from '../json.js';

/** The times on which a schedule is defined. Noise grows with t. */
export type TimeDomain =
  | { readonly kind: 'discrete' /** t = 0 … steps − 1 */; readonly steps: number }
  | { readonly kind: 'continuous'; readonly start: number; readonly end: number };

/**
 * A forward process q(x_t | x₀) = N(α(t) x₀, σ(t)² I), in float64. A discrete schedule also answers
 * between its steps, where it interpolates linearly in λ = ln(α/σ).
 *
 * `alpha`, `sigma` and `rates` throw a TweedieError INVALID_VALUE for a time outside the domain and for
 * NaN: `checkedTime` does that.
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
export interface Level<T = number> {
  readonly t: T;
  readonly alpha: T;
  readonly sigma: T;
}
