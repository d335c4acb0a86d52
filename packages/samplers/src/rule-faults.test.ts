import '@tensorflow/tfjs-backend-cpu';
import {
  fill,
  memory,
  mul,
  ready,
  reshape,
  setBackend,
  type Tensor,
  zeros,
} from '@tensorflow/tfjs-core';
import { createRng, type Level } from '@tweedie/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { defineSampler } from './define-sampler.js';
import { runSampler } from './run-sampler.js';
import type { Step, StepResult } from './step.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const grid: readonly Level[] = [2, 1, 0.5, 0].map((sigma) => ({ t: sigma, alpha: 1, sigma }));

/** Runs a sampler whose rule makes what a function says. */
async function walk(
  make: (step: Step, denoised: Tensor) => unknown,
  start: Tensor = zeros([2, 3]),
  checkFinite = true,
) {
  const sampler = defineSampler({
    owner: 'mine',
    id: 'faulty',
    doc: 'a rule with a fault',
    options: {},
    rule: () => async (step) => make(step, await step.denoise(step.x, step.from)) as StepResult,
  });
  const before = memory().numTensors;
  const rng = createRng(0);
  const denoiser = (x: Tensor) => mul(x, 0.5);
  try {
    const last = await runSampler(sampler({ checkFinite }), denoiser, start, grid, { rng });
    last.dispose();
  } finally {
    expect(memory().numTensors).toBe(before);
  }
}

describe('a rule with a fault is named', () => {
  it.each([
    [
      'no x',
      (_step: Step, denoised: Tensor) => ({ denoised }),
      /'faulty' returned no tensor x at step 0/,
    ],
    ['no estimate', ({ x }: Step) => ({ x: mul(x, 1) }), /returned no tensor denoised/],
    ['nothing', () => undefined, /returned no tensor x/],
    [
      'numbers',
      (_step: Step, denoised: Tensor) => ({ x: [1, 2], denoised }),
      /returned no tensor x/,
    ],
    [
      'another shape',
      ({ x }: Step, denoised: Tensor) => ({ x: reshape(x, [3, 2]), denoised }),
      /returned x of the shape \[3, 2\] at step 0.*\[2, 3\]/,
    ],
  ])('that returns %s', async (_title, make, message) => {
    await expect(walk(make)).rejects.toThrow(message);
  });

  it.each([0, 1, 2])('that makes NaN at step %s of finite estimates', async (at) => {
    const make = ({ x, index }: Step, denoised: Tensor) => ({
      x: index === at ? fill(x.shape, Number.NaN) : mul(x, 1),
      denoised,
    });
    await expect(walk(make)).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringMatching(/the sampler 'faulty' itself made NaN or infinity/),
    });
    await walk(make, undefined, false);
  });
});

it('a start that is not finite is not blamed on the sampler', async () => {
  const make = ({ x }: Step, denoised: Tensor) => ({ x: mul(x, 1), denoised });
  const start = fill([2, 3], Infinity);
  await expect(walk(make, start)).rejects.toThrow(/the state to start from holds NaN/);
});
