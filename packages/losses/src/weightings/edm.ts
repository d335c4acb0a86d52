import { number, snr } from '@tweedie/core';
import { defineWeighting } from './weighting.js';

/**
 * (σ̃² + σ_data²)/(σ̃ σ_data)² = SNR + 1/σ_data² with σ̃ = σ/α: a plain error of F under EDM's
 * preconditioning. Karras et al. (2022), table 1.
 */
export const edmWeighting = defineWeighting({
  owner: 'losses',
  id: 'edm',
  doc: "SNR + 1/σ_data²: the plain error of F under EDM's preconditioning",
  source: 'Karras et al. 2022',
  options: { sigmaData: number({ default: 0.5, above: 0, doc: 'standard deviation of the data' }) },
  weight: (level, { sigmaData }) => snr(level) + sigmaData ** -2,
});
