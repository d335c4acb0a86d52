import { defineFactory } from '@tweedie/core';
import { betaRange, evenly, steps, zeroTerminalSnr } from './beta-options.js';
import { betaTable } from './beta-table.js';

/** β = β_start + (β_end − β_start) · sigmoid(−6 … 6), from GeoDiff (Xu et al. 2022). */
export const sigmoid = defineFactory({
  owner: 'schedules',
  id: 'sigmoid',
  doc: 'β grows as a sigmoid (GeoDiff)',
  source: 'Xu et al. 2022 (GeoDiff)',
  options: { steps, ...betaRange, zeroTerminalSnr },
  create: (options) =>
    betaTable(
      'sigmoid',
      evenly(-6, 6, options.steps).map(
        (z) => options.betaStart + (options.betaEnd - options.betaStart) / (1 + Math.exp(-z)),
      ),
      options.zeroTerminalSnr,
    ),
});
