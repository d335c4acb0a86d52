import { expect, it } from 'vitest';
import { testCleanLevel, testRow, testTimeInput } from './row.testing.js';
import { velocityPrediction } from './velocity.js';

testRow(velocityPrediction(), ({ alpha, sigma }, data, noise) => alpha * noise - sigma * data);
testTimeInput(velocityPrediction);
testCleanLevel(velocityPrediction());

it('holds at pure noise', () => {
  const { skip, out } = velocityPrediction().coefficients({ t: 1, alpha: 0, sigma: 1 });
  expect(skip).toBeCloseTo(0, 15);
  expect(out).toBeCloseTo(-1, 15);
});
