import { testSchedule } from '@tweedie/testing';
import { expect, it } from 'vitest';
import { fromBetas } from './betas.js';
import { relativeError } from './reference-tables.testing.js';

testSchedule('betas', () => fromBetas({ betas: [0.1, 0.01, 0.5, 0.2] }), {
  variancePreserving: true,
});

it('keeps every digit of a small σ', () => {
  const schedule = fromBetas({ betas: [1e-12, 1e-12] });
  expect(relativeError(schedule.sigma(0), 1e-6)).toBeLessThan(1e-14);
  expect(relativeError(schedule.sigma(1), Math.sqrt(2e-12 - 1e-24))).toBeLessThan(1e-14);
});

it('keeps every digit of a small α over a long chain', () => {
  const schedule = fromBetas({ betas: Array.from({ length: 2000 }, () => 0.3) });
  expect(relativeError(Math.log(schedule.alpha(1999)), 1000 * Math.log(0.7))).toBeLessThan(1e-13);
});

it.each([
  [{ betas: [0.1, 1] }, /step 1 is 1/],
  [{ betas: [0] }, /step 0 is 0/],
  [{ betas: [] }, /0 steps/],
  [{}, /no list of β/],
])('refuses %j', (options, message) => {
  expect(() => fromBetas(options)).toThrow(message);
});
