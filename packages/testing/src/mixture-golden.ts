import twoModes from '../golden/mixture/two-modes.json';

/** What is known of a Gaussian mixture at one noise level of x_σ = x₀ + σε (α = 1). */
export interface MixtureGoldenLevel {
  readonly sigma: number;
  /** E[x₀ | x] at each point. */
  readonly denoised: readonly (readonly number[])[];
  /** ∇ ln p(x; σ) at each point, where it was recorded. */
  readonly score: readonly (readonly number[])[] | null;
  /** ln p(x; σ) at each point, where it was recorded. */
  readonly logDensity: readonly number[] | null;
}

/** Exact values of a mixture of isotropic Gaussians, in float64, from outside this project. */
export interface MixtureGolden {
  readonly weights: readonly number[];
  readonly means: readonly (readonly number[])[];
  /** Of each component. */
  readonly standardDeviation: number;
  readonly points: readonly (readonly number[])[];
  readonly levels: readonly MixtureGoldenLevel[];
}

/** Two modes at (1, 1) and (−1, −1), four noise levels, six points. */
export const mixtureGolden: MixtureGolden = twoModes;
