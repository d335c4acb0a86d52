import { exactDenoiser } from '@tweedie/denoisers';
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { createRng, floats, levelAt, type Schedule } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { replay, schedulerReferences } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { dpmpp2m } from './dpmpp-2m.js';
import { heun } from './heun.js';

/** The points of the recorded runs, six of two numbers. */
const points = Array.from({ length: 6 }, (_, i) => [
  Math.sin(1.3 * i + 0.2),
  Math.cos(0.7 * i - 0.4),
]).flat();

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

/** A schedule whose σ̃ = σ/α is geometric in time, with data unscaled or with variance preserved. */
function geometricProcess(steps: number, from: number, to: number, variancePreserving: boolean) {
  const ratio = (t: number) => from * (to / from) ** ((steps - t) / steps);
  const alpha = (t: number) => (variancePreserving ? 1 / Math.hypot(1, ratio(t)) : 1);
  const sigma = (t: number) => alpha(t) * ratio(t);
  const time = { kind: 'continuous', start: 0, end: steps } as const;
  const schedule: Schedule = { name: 'geometric', config: {}, time, alpha, sigma };
  const grid = Array.from({ length: steps + 1 }, (_, i) => levelAt(schedule, steps - i));
  return { schedule, grid };
}

const solvers = [
  ['DDIM', ddim(), 1, 0.01],
  ['Heun', heun(), 2, 1e-3],
  ['DPM-Solver++(2M), midpoint', dpmpp2m(), 2, 1e-3],
  ['DPM-Solver++(2M), heun', dpmpp2m({ solver: 'heun' }), 2, 1e-3],
] as const;

describe.each(solvers)('%s against the exact flow', (_name, sampler, order, most) => {
  const denoiser = exactDenoiser(gaussianMixture({ weights: [0.8, 0.2] }).mixture);
  const { pf_ode_exact } = schedulerReferences;
  const cases = [
    ['σ 10 to 0.02', 10, 0.02, pf_ode_exact.ve_10_to_0p02, false],
    ['σ 80 to 0.002', 80, 0.002, pf_ode_exact.ve_80_to_0p002, false],
    ['σ 10 to 0.02, variance preserved', 10, 0.02, pf_ode_exact.ve_10_to_0p02, true],
  ] as const;

  it.each(cases)(`%s: the error falls with order ${order}`, async (_case, from, to, exact, vp) => {
    const error = async (steps: number) => {
      const { schedule, grid } = geometricProcess(steps, from, to, vp);
      const start = points.map((value) => grid[0]!.alpha * from * value);
      const rng = createRng(0);
      const x = floats(start, [6, 2]);
      const { values } = await replay(sampler, denoiser, x, grid, rng, 0, schedule);
      const { alpha } = grid.at(-1)!;
      return Math.max(...exact.flat().map((value, i) => Math.abs(values[i]! / alpha - value)));
    };
    // At second order more steps sink into the rounding of float32.
    const errors: number[] = [];
    for (const steps of order === 1 ? [160, 320, 640] : [80, 160, 320]) {
      errors.push(await error(steps));
    }
    // The slope over two doublings; terms of higher order still count a little.
    const slope = Math.log2(errors[0]! / errors[2]!) / 2;
    expect(errors[2]).toBeLessThan(most);
    expect(Math.abs(slope - order)).toBeLessThan(0.15);
  });
});
