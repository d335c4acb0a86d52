import { expectNoLeak } from '@tweedie/autodiff';
import type { Dataset } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { data } from './gaussian-denoising.fixture.js';
import { train } from './train.js';
import { failure, problem, runSteps, scanning, withNoise } from './train.testing.js';

describe('several steps in a run of the backend', () => {
  const options = { steps: 14, batchSize: 4, learningRate: 0.1, warmupSteps: 3, emaDecay: 0.9 };
  const reference = async (steps: number) => {
    const training = train({ ...problem, options: { ...options } });
    const records = await runSteps(training, steps);
    const state = await training.snapshot();
    await training.dispose();
    return { losses: records.map((record) => record.loss), state };
  };

  it('are the steps one by one, and are left wherever one likes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 14 }),
        async (stepsPerRun, until) => {
          const { backend: scans, lengths } = scanning();
          await expectNoLeak(async () => {
            const training = train({
              ...problem,
              backend: scans,
              options: { ...options, stepsPerRun },
            });
            const first = await runSteps(training, until);
            expect(new Set(lengths)).toEqual(new Set([stepsPerRun]));
            const expected = await reference(until);
            expect(first.map((record) => record.loss)).toEqual(expected.losses);
            const state = await training.snapshot();
            for (const part of ['step', 'params', 'ema', 'slots'] as const) {
              expect(state[part]).toEqual(expected.state[part]);
            }
            const all = [...first, ...(await runSteps(training))];
            const whole = await reference(14);
            expect(all.map((record) => record.loss)).toEqual(whole.losses);
            expect((await training.snapshot()).params).toEqual(whole.state.params);
            await training.dispose();
          });
        },
      ),
      { numRuns: 8, seed: 2 },
    );
  });

  it('end before the first that is not finite, with the state before it', async () => {
    const { backend: scans } = scanning();
    const training = train({
      ...problem,
      backend: scans,
      loss: withNoise(4, Number.NaN),
      options: { ...options, stepsPerRun: 5 },
    });
    const error = await failure(() => runSteps(training));
    expect(error.message).toContain('at step 4 the loss is NaN');
    expect(training.step).toBe(3);
    expect((await training.snapshot()).params).toEqual((await reference(3)).state.params);
    await training.dispose();
  });

  it('end before data that cannot be drawn', async () => {
    const { backend: scans, lengths } = scanning();
    const short: Dataset = {
      ...data,
      batch(rng, step, batchSize) {
        if (step >= 6) throw new Error('the disk is gone');
        return data.batch(rng, step, batchSize);
      },
    };
    const training = train({
      ...problem,
      backend: scans,
      data: short,
      options: { ...options, stepsPerRun: 4 },
    });
    await expect(runSteps(training)).rejects.toThrow('the disk is gone');
    expect([training.step, ...lengths]).toEqual([6, 4]);
    await training.dispose();
  });
});
