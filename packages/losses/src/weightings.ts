import { type Level, snr } from '@tweedie/core';

type Scales = Pick<Level, 'alpha' | 'sigma'>;

/**
 * A weight w(α, σ) of the squared error of the data estimate, ‖D − x₀‖². In these units the weights
 * of all predictions compare: an error of D by δ is one of ε by (α/σ)δ and one of v by
 * ((α² + σ²)/σ)δ.
 */
export type Weighting = (level: Scales) => number;

/** SNR: the plain error of ε, L_simple of Ho et al. (2020), eq. 14. */
export const noiseWeighting: Weighting = snr;

/** 1: the plain error of x₀. */
export const dataWeighting: Weighting = () => 1;

/** ((α² + σ²)/σ)²: the plain error of v; SNR + 1 where variance is preserved. */
export const velocityWeighting: Weighting = ({ alpha, sigma }) =>
  ((alpha ** 2 + sigma ** 2) / sigma) ** 2;

/** max(SNR, 1). Salimans & Ho, "Progressive distillation" (2022), section 4. */
export const truncatedSnrWeighting: Weighting = (level) => Math.max(snr(level), 1);

/** min(SNR, γ). Hang et al., "Efficient diffusion training via Min-SNR weighting strategy" (2023). */
export function minSnrWeighting(gamma = 5): Weighting {
  return (level) => Math.min(snr(level), gamma);
}

/** SNR γ/(SNR + γ), the smooth form of min-SNR. Crowson et al., "Hourglass diffusion" (2024), eq. 5. */
export function softMinSnrWeighting(gamma = 4): Weighting {
  return (level) => gamma / (1 + gamma * (level.sigma / level.alpha) ** 2);
}

/**
 * (σ̃² + σ_data²)/(σ̃ σ_data)² = SNR + 1/σ_data² with σ̃ = σ/α: a plain error of F under EDM's
 * preconditioning. Karras et al. (2022), table 1.
 */
export function edmWeighting(sigmaData = 0.5): Weighting {
  return (level) => snr(level) + sigmaData ** -2;
}

/** SNR/(k + SNR)^γ. Choi et al., "Perception prioritized training" (2022), eq. 8. */
export function p2Weighting(gamma = 1, k = 1): Weighting {
  return (level) => snr(level) / (k + snr(level)) ** gamma;
}
