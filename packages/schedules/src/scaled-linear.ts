import { defineFactory } from '@tweedie/core';
import { betaRange, evenly, steps, zeroTerminalSnr } from './beta-options.js';
import { betaTable } from './beta-table.js';

/** √β linear in t, as in latent diffusion (Rombach et al. 2022). */
export const scaledLinear = defineFactory({
  owner: 'schedules',
  id: 'scaled-linear',
  doc: '√β grows linearly (latent diffusion)',
  source: 'Rombach et al. 2022',
  options: { steps, ...betaRange, zeroTerminalSnr },
  create: (options) =>
    betaTable(
      'scaled-linear',
      evenly(Math.sqrt(options.betaStart), Math.sqrt(options.betaEnd), options.steps).map(
        (root) => root ** 2,
      ),
      options.zeroTerminalSnr,
    ),
});
