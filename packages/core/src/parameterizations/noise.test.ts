import { expect, it } from 'vitest';
import { noisePrediction } from './noise.js';
import { testCleanLevel, testRow, testTimeInput } from './row.testing.js';

testRow(noisePrediction(), (_level, _data, noise) => noise);
testTimeInput(noisePrediction);
testCleanLevel(noisePrediction());

it('is conditioned on time, and takes x as it is, by default', () => {
  const { noise, in: scale } = noisePrediction().coefficients({ t: 0.3, alpha: 0.8, sigma: 0.5 });
  expect([noise, scale]).toEqual([0.3, 1]);
});
