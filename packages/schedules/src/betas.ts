import { defineFactory, numbers, TweedieError } from '@tweedie/core';
import { zeroTerminalSnr } from './beta-options.js';
import { betaTable } from './beta-table.js';

/** A schedule from a list of β, as it is stored with a trained model. */
export const fromBetas = defineFactory({
  owner: 'schedules',
  id: 'betas',
  doc: 'the β of each step, as a list',
  options: {
    betas: numbers({ default: null, doc: 'β of each step, each above 0 and below 1' }),
    zeroTerminalSnr,
  },
  create: ({ betas, zeroTerminalSnr }) => {
    if (betas === null) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: 'schedules',
        given: 'betas: no list of β is given',
        allowed: 'numbers above 0 and below 1',
        fix: 'pass { betas: [...] }',
      });
    }
    return betaTable('betas', betas, zeroTerminalSnr);
  },
});
