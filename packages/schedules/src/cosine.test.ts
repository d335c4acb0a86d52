import { schedulerReferences } from '@tweedie/testing';
import { expect, it } from 'vitest';
import { testBetaSchedule } from './beta-schedule.testing.js';
import { cosine } from './cosine.js';
import {
  alphaBar,
  testDiffusersTables,
  testImprovedDiffusionTable,
} from './reference-tables.testing.js';

const { cosine_T1000, cosine_T4000 } = schedulerReferences.improved_diffusion;

testBetaSchedule('cosine', cosine);
testDiffusersTables('squaredcos_cap_v2', cosine);
testImprovedDiffusionTable('cosine, 1000 steps', cosine(), cosine_T1000);
testImprovedDiffusionTable('cosine, 4000 steps', cosine({ steps: 4000 }), cosine_T4000);

it('has one level for one step', () => {
  expect(alphaBar(cosine({ steps: 1 }), 0)).toBeCloseTo(1 - 0.999, 14);
});
