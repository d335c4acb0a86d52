import { number } from '@tweedie/core';
import { defineWeighting } from './weighting.js';

/** SNR γ/(SNR + γ), the smooth form of min-SNR. Crowson et al., "Hourglass diffusion" (2024), eq. 5. */
export const softMinSnrWeighting = defineWeighting({
  owner: 'losses',
  id: 'softMinSnr',
  doc: 'SNR γ/(SNR + γ), a smooth min-SNR',
  source: 'Crowson et al. 2024',
  options: { gamma: number({ default: 4, above: 0, doc: 'γ, what the weight tends to' }) },
  weight: (level, { gamma }) => gamma / (1 + gamma * (level.sigma / level.alpha) ** 2),
});
