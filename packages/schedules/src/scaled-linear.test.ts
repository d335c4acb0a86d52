import { expect, it } from 'vitest';
import { testBetaSchedule } from './beta-schedule.testing.js';
import { alphaBar, testDiffusersTables } from './reference-tables.testing.js';
import { scaledLinear } from './scaled-linear.js';

testBetaSchedule('scaled-linear', scaledLinear);
testDiffusersTables('scaled_linear', scaledLinear);

it('has one level for one step', () => {
  expect(alphaBar(scaledLinear({ steps: 1 }), 0)).toBeCloseTo(1 - 1e-4, 14);
});
