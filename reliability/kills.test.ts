import { expect, it } from 'vitest';
import { killRuns } from './kills.js';

it('a run that is ended or hindered at its file operations ends as if it had not been', async () => {
  const { counts, faults } = await killRuns({
    seed: 1,
    count: 40,
    until: Number.POSITIVE_INFINITY,
    jobs: 2,
    say: () => undefined,
  });
  expect(faults).toEqual([]);
  expect(counts.deaths! + counts.powerFailures! + counts.refusals!).toBeGreaterThanOrEqual(40);
  expect(counts.identicalEnds).toBe(counts.resumed);
});
