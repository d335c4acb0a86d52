import { snr } from '@tweedie/core';
import { defineWeighting } from './weighting.js';

/** SNR: the plain error of ε, L_simple of Ho et al. (2020), eq. 14. */
export const noiseWeighting = defineWeighting({
  owner: 'losses',
  id: 'noise',
  doc: 'SNR: the plain error of ε, L_simple',
  source: 'Ho et al. 2020',
  options: {},
  weight: snr,
});
