import { snr } from '@tweedie/core';
import { defineWeighting } from './weighting.js';

/** max(SNR, 1). Salimans & Ho, "Progressive distillation" (2022), section 4. */
export const truncatedSnrWeighting = defineWeighting({
  owner: 'losses',
  id: 'truncatedSnr',
  doc: 'max(SNR, 1)',
  source: 'Salimans & Ho 2022',
  options: {},
  weight: (level) => Math.max(snr(level), 1),
});
