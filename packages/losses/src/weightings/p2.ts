import { number, snr } from '@tweedie/core';
import { defineWeighting } from './weighting.js';

/** SNR/(k + SNR)^γ. Choi et al., "Perception prioritized training" (2022), eq. 8. */
export const p2Weighting = defineWeighting({
  owner: 'losses',
  id: 'p2',
  doc: 'SNR/(k + SNR)^γ',
  source: 'Choi et al. 2022',
  options: {
    gamma: number({ default: 1, above: 0, doc: 'γ, how fast the weight falls with SNR' }),
    k: number({ default: 1, above: 0, doc: 'k, the SNR from which on it falls' }),
  },
  weight: (level, { gamma, k }) => snr(level) / (k + snr(level)) ** gamma,
});
