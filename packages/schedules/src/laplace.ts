import { defineFactory } from '@tweedie/core';
import { betasOfAlphaBar, maxBeta, steps, zeroTerminalSnr } from './beta-options.js';
import { betaTable } from './beta-table.js';

/**
 * The Laplace schedule of Hang et al., "Improved noise schedule for diffusion training" (2024), as
 * diffusers defines it: ln SNR(u) is the quantile function of a Laplace distribution and
 * ᾱ = √(SNR/(1 + SNR)).
 */
export const laplace = defineFactory({
  owner: 'schedules',
  id: 'laplace',
  doc: 'most steps at middle noise: log-SNR is Laplace-distributed',
  source: 'Hang et al. 2024, as in diffusers',
  options: { steps, maxBeta, zeroTerminalSnr },
  create: ({ steps, maxBeta, zeroTerminalSnr }) => {
    const alphaBar = (u: number) => {
      const side = u <= 0.5 ? 1 : -1;
      const snr = Math.exp(-0.5 * side * Math.log(1 - 2 * Math.abs(0.5 - u) + 1e-6));
      return Math.sqrt(snr / (1 + snr));
    };
    return betaTable('laplace', betasOfAlphaBar(alphaBar, steps, maxBeta), zeroTerminalSnr);
  },
});
