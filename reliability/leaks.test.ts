import { expect, it } from 'vitest';
import { findLeaks } from './leaks.js';

it('no tensor is left by trainings and walks that are interrupted', async () => {
  const { counts, faults } = await findLeaks({
    seed: 1,
    count: 500,
    until: Number.POSITIVE_INFINITY,
    jobs: 1,
    say: () => undefined,
  });
  expect(faults).toEqual([]);
  expect(counts.unfinishedWalks).toBeGreaterThan(10);
});
