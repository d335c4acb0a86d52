import { schedulerReferences, testSchedule } from '@tweedie/testing';
import { expect, it } from 'vitest';
import { testScoreSde } from './score-sde.testing.js';
import { subVp } from './sub-vp.js';

testSchedule('sub-vp', () => subVp());
testScoreSde(subVp(), schedulerReferences.score_sde.subvp);

it('refuses β that fall', () => {
  expect(() => subVp({ betaMin: 3, betaMax: 1 })).toThrow(/betaMin not above betaMax/);
});
