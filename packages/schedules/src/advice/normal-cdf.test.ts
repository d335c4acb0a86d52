import { expect, it } from 'vitest';
import { normalCdf } from './normal-cdf.js';

it.each([
  // To the last digits of a double, as in Abramowitz & Stegun, tables 26.1 and 26.2.
  [0, 0.5],
  [1, 0.8413447460685429],
  [-1, 0.15865525393145705],
  [2, 0.9772498680518208],
  [-2.9, 0.0018658133003840378],
  [-3, 0.0013498980316300946],
  [-6, 9.86587645037698e-10],
  [-10, 7.61985302416053e-24],
])('Φ(%d) = %d', (z, expected) => {
  // The series loses digits of the tail to the ½ that it begins with.
  expect(Math.abs(normalCdf(z) - expected)).toBeLessThan(Math.max(2e-16, z <= -3 ? 0 : 3e-16));
  if (z <= -3) expect(normalCdf(z) / expected).toBeCloseTo(1, 13);
});

it('is symmetric, joined, and ends at 0 and 1', () => {
  for (let z = -8; z <= 8; z += 0.37) expect(normalCdf(z) + normalCdf(-z)).toBeCloseTo(1, 15);
  expect(normalCdf(3 - 1e-12)).toBeCloseTo(normalCdf(3), 13);
  expect([-50, 50, Number.NEGATIVE_INFINITY].map(normalCdf)).toEqual([0, 1, 0]);
  expect(normalCdf(Number.NaN)).toBeNaN();
});
