import { defineFactory } from '@tweedie/core';
import { betaRange, evenly, steps, zeroTerminalSnr } from './beta-options.js';
import { betaTable } from './beta-table.js';

/** β linear in t. Ho et al., "Denoising diffusion probabilistic models" (2020), section 4. */
export const linear = defineFactory({
  owner: 'schedules',
  id: 'linear',
  doc: 'β grows linearly (DDPM)',
  source: 'Ho et al. 2020',
  options: { steps, ...betaRange, zeroTerminalSnr },
  create: (options) =>
    betaTable(
      'linear',
      evenly(options.betaStart, options.betaEnd, options.steps),
      options.zeroTerminalSnr,
    ),
});
