import { defineFactory, number } from '@tweedie/core';
import { betasOfAlphaBar, maxBeta, steps, zeroTerminalSnr } from './beta-options.js';
import { betaTable } from './beta-table.js';

/**
 * ᾱ(u) = cos²((u + s)/(1 + s) · π/2). Nichol & Dhariwal, "Improved denoising diffusion
 * probabilistic models" (2021), eq. 17; diffusers calls it squaredcos_cap_v2.
 */
export const cosine = defineFactory({
  owner: 'schedules',
  id: 'cosine',
  doc: 'ᾱ falls as a squared cosine (improved DDPM)',
  source: 'Nichol & Dhariwal 2021, eq. 17',
  options: {
    steps,
    offset: number({ default: 0.008, min: 0, doc: 's, which keeps the first β from vanishing' }),
    maxBeta,
    zeroTerminalSnr,
  },
  create: ({ steps, offset, maxBeta, zeroTerminalSnr }) => {
    const alphaBar = (u: number) => Math.cos((((u + offset) / (1 + offset)) * Math.PI) / 2) ** 2;
    return betaTable('cosine', betasOfAlphaBar(alphaBar, steps, maxBeta), zeroTerminalSnr);
  },
});
