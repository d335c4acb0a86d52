import { type Level, type Sampler, TweedieError } from '@tweedie/core';
import type { RuleSampler } from '@tweedie/samplers';
import { repeatLevels } from '@tweedie/schedules';
import type { Sampling } from './request.js';

/** A sampler that says the rule of its steps, with a grid on which each step is small. */
export interface RecordableSampling {
  readonly sampler: RuleSampler;
  readonly grid: readonly Level[];
}

/**
 * The sampling as it is recorded: a sampler that repeats one thing many times a step is taken apart
 * into its iterations, which changes no number.
 *
 * @throws TweedieError UNSUPPORTED for a sampler that does not say the rule of its steps
 */
export function recordable({ sampler, grid }: Sampling): RecordableSampling {
  if (!hasRule(sampler)) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'export',
      given: `the sampler '${sampler.name}' does not say the rule of its steps, so it cannot be exported`,
      allowed: 'samplers made by defineSampler',
      fix: 'take another sampler, or export the denoiser',
    });
  }
  const { iterations } = sampler;
  if (iterations === undefined) return { sampler, grid };
  return { sampler: iterations.sampler, grid: repeatLevels(grid, iterations.times) };
}

function hasRule(sampler: Sampler): sampler is RuleSampler {
  return typeof (sampler as Partial<RuleSampler>).rule === 'function';
}
