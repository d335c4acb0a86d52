import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { floats, type Level, levelAt, type Sampler, type Schedule } from '@tweedie/core';
import { cosine, linear } from '@tweedie/schedules';
import {
  elementwiseDenoiser,
  replay,
  type SchedulerConfig,
  schedulerVarianceCases,
  scriptedRng,
} from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

/** The variance that a step really has: the square of what a noise of 1 adds to the data 0. */
async function measuredVariance(sampler: Sampler, from: Level, to: Level): Promise<number> {
  const { values } = await replay(
    sampler,
    elementwiseDenoiser(
      () => 0,
      () => ({ skip: 0, out: 0, in: 1 }),
    ),
    floats([0], [1, 1]),
    [from, to],
    scriptedRng((_k, count) => new Float32Array(count).fill(1)),
  );
  return values[0]! ** 2;
}

function scheduleOf({ beta_start, beta_end }: SchedulerConfig, isUnclip = false): Schedule {
  return isUnclip ? cosine() : linear({ betaStart: beta_start, betaEnd: beta_end });
}

describe("diffusers' variances", () => {
  const clean = { t: -1, alpha: 1, sigma: 0 };
  const before = (schedule: Schedule, t: number) => (t < 0 ? clean : levelAt(schedule, t));

  const expressions = schedulerVarianceCases.filter(
    ({ expr }) => expr !== undefined && !expr.includes('predicted_variance'),
  );
  it.each(expressions.map((record) => [record.name, record] as const))(
    '%s',
    async (name, { config, expr, expected, tol }) => {
      const isUnclip = name.startsWith('unclip');
      const schedule = scheduleOf(config, isUnclip);
      const [t, previous = t! - 1] = [...expr!.matchAll(/\d+/g)].map(Number);
      const variance =
        t === previous
          ? 0
          : await measuredVariance(
              name.startsWith('ddim') ? ddim({ eta: 1 }) : ddpm(),
              levelAt(schedule, t!),
              before(schedule, previous),
            );
      // unCLIP's fixed_small_log is a standard deviation.
      expect(Math.abs((isUnclip ? Math.sqrt(variance) : variance) - expected!)).toBeLessThan(tol!);
    },
  );

  const tables = schedulerVarianceCases.filter(({ values }) => values !== undefined);
  it.each(tables.map((record) => [record.name, record] as const))(
    '%s',
    async (name, { config, values }) => {
      const schedule = scheduleOf(config);
      const kind = config.variance_type!;
      const stride = name.includes('respaced_10') ? 100 : 1;
      for (const [key, wanted] of Object.entries(values!)) {
        const [t, previous = t! - stride] = key.split(',').map(Number);
        // Nothing is added at the data itself: see the documentation of ddpm.
        if (previous < 0 || t === previous) continue;
        const sampler =
          kind === 'ddim'
            ? ddim({ eta: 1 })
            : ddpm({ variance: kind.startsWith('fixed_small') ? 'fixedSmall' : 'fixedLarge' });
        const variance = await measuredVariance(
          sampler,
          levelAt(schedule, t!),
          levelAt(schedule, previous),
        );
        const ours =
          kind === 'fixed_small_log'
            ? Math.sqrt(variance)
            : kind === 'fixed_large_log'
              ? Math.log(variance)
              : variance;
        // float32 loses digits of 1 − ᾱ where ᾱ is near 1.
        expect(Math.abs(ours / wanted - 1)).toBeLessThan(previous < 10 ? 2e-3 : 1e-4);
      }
    },
  );
});
