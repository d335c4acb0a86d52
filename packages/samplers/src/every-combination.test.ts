import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import {
  type AnyFactory,
  createRng,
  floats,
  halfLogSnr,
  parameterizations,
  type Sampler,
} from '@tweedie/core';
import {
  fromBetas,
  leadingGrid,
  linear,
  linspaceGrid,
  schedules,
  trailingGrid,
} from '@tweedie/schedules';
import { elementwiseDenoiser, replay } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { samplers } from './index.js';
import { predictorCorrector } from './predictor-corrector.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const allSamplers: readonly Sampler[] = [
  // Few iterations where a sampler stays at a level: they are many steps.
  ...samplers.map((factory: AnyFactory<Sampler>) =>
    factory('stepsPerLevel' in factory.options ? { stepsPerLevel: 2 } : {}),
  ),
  ddpm({ variance: 'fixedLarge', clip: 1 }),
  ddim({ eta: 1, threshold: 0.995 }),
  predictorCorrector({ predictor: null, corrector: 'langevin' }),
];
const allSchedules = [
  ...schedules.map((factory) =>
    factory.id === 'betas' ? fromBetas({ betas: [0.1, 0.2, 0.3, 0.4, 0.5] }) : factory(),
  ),
  linear({ steps: 50, zeroTerminalSnr: true }),
];
const combinations = allSchedules.flatMap((schedule) =>
  parameterizations.map((factory) => {
    const rescaled = schedule.config.zeroTerminalSnr === true ? ', zero terminal SNR' : '';
    return [`${schedule.name}${rescaled} × ${factory.id}`, schedule, factory()] as const;
  }),
);

/** Whether D = c_skip x + c_out F means something at pure noise. */
const worksAtPureNoise = (id: string) => id === 'data' || id === 'velocity';

describe('1 to 5 steps give finite samples', () => {
  it.each(combinations)('%s', async (_name, schedule, { name, coefficients }) => {
    const denoiser = elementwiseDenoiser((x) => Math.tanh(x), coefficients);
    for (const makeGrid of [leadingGrid, trailingGrid, linspaceGrid]) {
      for (const steps of [1, 2, 3, 4, 5]) {
        const grid = makeGrid(schedule, steps);
        const pure = halfLogSnr(grid[0]!) === -Infinity;
        if (pure && !worksAtPureNoise(name)) continue;
        for (const sampler of allSamplers) {
          const start = floats([0.3 * grid[0]!.sigma, -1.1 * grid[0]!.sigma], [2, 1]);
          const rng = createRng(1);
          const { values } = await replay(sampler, denoiser, start, grid, rng, 0, schedule);
          expect(values.every(Number.isFinite)).toBe(true);
        }
      }
    }
  });
});
