import { type Level, snr } from '@tweedie/core';

/**
 * Weight of the data error ‖D − x₀‖² at a level. The error in what a network predicts is that error
 * over c_out², so that a loss multiplies a weight by c_out².
 */
export type Weighting = (level: Pick<Level, 'alpha' | 'sigma'>) => number;

/** SNR: the plain error of the noise, L_simple. Ho et al. (2020), eq. 14. */
export const noiseWeighting: Weighting = (level) => snr(level);

/** 1: the plain error of the data. */
export const dataWeighting: Weighting = () => 1;

/** SNR + 1: the plain error of the velocity. Salimans & Ho (2022), section 4. */
export const velocityWeighting: Weighting = (level) => snr(level) + 1;

/** min(SNR, γ). Hang et al., "Efficient diffusion training via min-SNR weighting" (2023), eq. 7. */
export function minSnrWeighting(gamma: number): Weighting {
  return (level) => Math.min(snr(level), gamma);
}

/**
 * SNR γ/(SNR + γ), min-SNR without its corner; γ = 4 is the weight of k-diffusion, up to a factor.
 * Crowson et al., "Hourglass diffusion transformers" (2024), section 3.4.
 */
export function softMinSnrWeighting(gamma: number): Weighting {
  return (level) => {
    const ratio = snr(level);
    // Both forms are the same; each is finite at one end.
    return ratio > gamma ? gamma / (1 + gamma / ratio) : ratio / (1 + ratio / gamma);
  };
}

/**
 * (σ̃² + σ_d²)/(σ̃ σ_d)² at σ̃ = σ/α: 1/c_out² of EDM, the plain error of what its network predicts.
 * Karras et al. (2022), table 1.
 */
export function edmWeighting(sigmaData: number): Weighting {
  return ({ alpha, sigma }) => (alpha / sigma) ** 2 + sigmaData ** -2;
}

/**
 * SNR/(k + SNR)^γ. Choi et al., "Perception prioritized training" (2022), eq. 8, on the noise error.
 */
export function p2Weighting(k: number, gamma: number): Weighting {
  return (level) => {
    const ratio = snr(level);
    return ratio / (k + ratio) ** gamma;
  };
}
