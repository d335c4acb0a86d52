import { number, snr } from '@tweedie/core';
import { defineWeighting } from './weighting.js';

/** min(SNR, γ). Hang et al., "Efficient diffusion training via Min-SNR weighting strategy" (2023). */
export const minSnrWeighting = defineWeighting({
  owner: 'losses',
  id: 'minSnr',
  doc: 'min(SNR, γ)',
  source: 'Hang et al. 2023',
  options: { gamma: number({ default: 5, above: 0, doc: 'γ, the largest weight' }) },
  weight: (level, { gamma }) => Math.min(snr(level), gamma),
});
