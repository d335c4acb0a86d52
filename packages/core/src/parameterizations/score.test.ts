import { expect, it } from 'vitest';
import { scoreCoefficients } from '../coefficients.js';
import { testCleanLevel, testRow, testTimeInput } from './row.testing.js';
import { scorePrediction } from './score.js';

// The conditional score ∇ ln q(x_t | x₀) = −ε/σ, whose mean is the score.
testRow(scorePrediction(), ({ sigma }, _data, noise) => -noise / sigma);
testTimeInput(scorePrediction);
testCleanLevel(scorePrediction());

it('is the score itself', () => {
  const level = { t: 3, alpha: 1, sigma: 0.2 };
  const { skip, out, in: scale } = scoreCoefficients(scorePrediction(), level);
  expect([skip, out, scale]).toEqual([0, 1, 1]);
});
