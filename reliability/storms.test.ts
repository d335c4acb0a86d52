import { expect, it } from 'vitest';
import { stormRuns } from './storms.js';

it('a run that several processes train under signals ends as if one had, undisturbed', async () => {
  const { counts, faults } = await stormRuns({
    seed: 1,
    count: 2,
    until: Number.POSITIVE_INFINITY,
    jobs: 1,
    say: () => undefined,
  });
  expect(faults).toEqual([]);
  expect(counts.identicalEnds).toBe(2);
});
