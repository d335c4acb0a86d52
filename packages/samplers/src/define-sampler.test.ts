import '@tensorflow/tfjs-backend-cpu';
import { add, memory, ready, reshape, setBackend, slice, tensor } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import { createRng, type Denoiser, floats, number } from '@tweedie/core';
import { linear, trailingGrid } from '@tweedie/schedules';
import { elementwiseDenoiser, replay, testSampler } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { defineSampler } from './define-sampler.js';
import type { StepRule } from './step.js';
import { weightedSum } from './weighted-sum.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

/** Heun's method on the probability-flow ODE in σ/α: two evaluations a step. */
const heun = defineSampler({
  owner: 'mine',
  id: 'heun',
  doc: 'second order',
  options: {
    fraction: number({ default: 0.5, min: 0, max: 1, doc: 'weight of the second slope' }),
  },
  rule:
    ({ fraction }) =>
    async ({ from, to, x, denoise, temporary }) => {
      const denoised = await denoise(x, from);
      // In z = x/α and s = σ/α the slope is (z − D)/s.
      const share = from.alpha === 0 ? to.sigma / from.sigma : 0;
      const ratio = (to.sigma * from.alpha) / (to.alpha * from.sigma);
      if (to.sigma === 0 || from.alpha === 0) {
        return {
          denoised,
          x: weightedSum([
            [to.alpha, denoised],
            [share, x],
          ]),
        };
      }
      const euler = temporary(
        weightedSum([
          [to.alpha * (1 - ratio), denoised],
          [(to.alpha / from.alpha) * ratio, x],
        ]),
      );
      const second = await denoise(euler, to);
      const gap = to.sigma / to.alpha - from.sigma / from.alpha;
      const first = ((1 - fraction) * gap * from.alpha) / from.sigma;
      const later = (fraction * gap * to.alpha) / to.sigma;
      return {
        denoised,
        x: weightedSum([
          [(to.alpha / from.alpha) * (1 + first), x],
          [-to.alpha * first, denoised],
          [later, euler],
          [-to.alpha * later, second],
        ]),
      };
    },
});

testSampler('of a stranger (Heun)', () => heun());

describe('defineSampler', () => {
  it('carries its name, its options and one of its own', () => {
    expect(heun({ fraction: 0.4 })).toMatchObject({
      name: 'heun',
      config: { fraction: 0.4, checkFinite: true },
    });
    expect(Object.keys(heun.options)).toEqual(['fraction', 'checkFinite']);
    expect(() => heun({ fraction: 2 })).toThrow(/\[mine\] heun: fraction is 2/);
  });

  it('does nothing before the first step is asked for', () => {
    let calls = 0;
    const denoiser: Denoiser = (x) => {
      calls++;
      return x.clone();
    };
    const start = tensor([1], [1, 1]);
    ddim().sample(denoiser, start, trailingGrid(linear(), 3), { rng: createRng(0) });
    expect(calls).toBe(0);
    start.dispose();
  });
});

describe('parts of a step', () => {
  const grid = trailingGrid(linear(), 3);
  const start = floats([1, 2, 3, 4], [2, 2]);
  const define = (rule: StepRule) =>
    defineSampler({
      owner: 'mine',
      id: 'parts',
      doc: 'for this test',
      options: {},
      rule: () => rule,
    })();
  const run = (rule: StepRule) => replay(define(rule), (x) => x.clone(), start, grid, createRng(3));
  const addNoise: StepRule = async (step) => ({
    denoised: await step.denoise(step.x, step.from),
    x: weightedSum([
      [1, step.x],
      [1, step.noise()],
    ]),
  });

  it('are made one after the other, with nothing left', async () => {
    const rng = createRng(3);
    const wanted = [...start.data];
    for (let draw = 0; draw < 6; draw++) {
      rng.normal([2, 2]).data.forEach((z, i) => {
        wanted[i] = Math.fround(wanted[i]! + z);
      });
    }
    await expectNoLeak(async () => {
      const { values } = await run((step) => step.repeat(addNoise, { times: 2 }));
      expect([...values]).toEqual(wanted);
    });
  });

  it('hold no more tensors for more rounds, and none when one fails', async () => {
    const held: number[] = [];
    const counting: StepRule = (step) => {
      held.push(memory().numTensors);
      return addNoise(step);
    };
    await run((step) => step.repeat(counting, { times: 20 }));
    expect(held[19]).toBe(held[5]);
    let rounds = 0;
    const failing: StepRule = (step) => {
      if (++rounds === 3) throw new Error('out of order');
      return addNoise(step);
    };
    await expectNoLeak(async () => {
      const x = tensor([[1, 2]]);
      const sampler = define((step) => step.repeat(failing, { times: 5 }));
      const walk = sampler.sample((at) => at.clone(), x, grid, { rng: createRng(1) });
      await expect(walk.next()).rejects.toThrow('out of order');
      x.dispose();
    });
  });

  it('see the place that they are given', async () => {
    const seen: unknown[] = [];
    const look: StepRule = (step) => {
      seen.push([step.index, step.from.t, step.to.t, step.grid.length]);
      return addNoise(step);
    };
    await run((step) => step.repeat(look, { to: step.from }));
    expect(seen).toEqual([0, 1, 2].map((i) => [i, grid[i]!.t, grid[i]!.t, 4]));
  });

  it('are made at least once', async () => {
    await expect(run((step) => step.repeat(addNoise, { times: 0 }))).rejects.toThrow(
      /made 0 times/,
    );
  });

  it('draw uniform numbers, one an item, whatever the batch size', async () => {
    const addUniform: StepRule = async (step) => ({
      denoised: await step.denoise(step.x, step.from),
      x: add(step.x, reshape(step.uniform(), [-1, 1])),
    });
    const { values } = await run(addUniform);
    const alone = await replay(
      define(addUniform),
      (x) => x.clone(),
      floats([3, 4], [1, 2]),
      grid,
      createRng(3).fromItem(1),
    );
    expect([...alone.values]).toEqual([...values.subarray(2)]);
    const [first, second] = [values[0]! - 1, values[1]! - 2];
    expect(first).toBeCloseTo(second, 6);
    expect(first).not.toBeCloseTo(values[2]! - 3, 3);
  });
});

describe('denoisers that are wrong', () => {
  const grid = trailingGrid(linear(), 3);
  const start = floats([1, 2], [2, 1]);

  it('have their shape named', async () => {
    const cut: Denoiser = (x) => slice(x, [0, 0], [1, 1]);
    await expect(replay(ddim(), cut, start, grid, createRng(0))).rejects.toMatchObject({
      code: 'INVALID_SHAPE',
      message: expect.stringMatching(/ddim: the denoiser returned the shape \[1, 1\].*\[2, 1\]/),
    });
  });

  it.each([Number.NaN, Infinity, -Infinity])('have %s named, with its step', async (bad) => {
    const denoiser = elementwiseDenoiser(
      (x, t) => (t < 900 ? bad : x),
      () => ({ skip: 0, out: 1, in: 1 }),
    );
    await expect(replay(ddim(), denoiser, start, grid, createRng(0))).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringMatching(/at step 1 \(t = 666/),
    });
  });

  it('pass unseen when asked to', async () => {
    const denoiser = elementwiseDenoiser(
      () => Number.NaN,
      () => ({ skip: 0, out: 1, in: 1 }),
    );
    const { values } = await replay(
      ddim({ checkFinite: false }),
      denoiser,
      start,
      grid,
      createRng(0),
    );
    expect(values.every(Number.isNaN)).toBe(true);
  });
});

describe('weightedSum', () => {
  it('leaves out terms of weight 0, NaN among them', async () => {
    const a = tensor([1, 2]);
    const b = tensor([Number.NaN, Infinity]);
    const sum = weightedSum([
      [2, a],
      [0, b],
    ]);
    expect([...(await sum.data())]).toEqual([2, 4]);
    const nothing = weightedSum([[0, b]]);
    expect([...(await nothing.data())]).toEqual([0, 0]);
    for (const used of [a, b, sum, nothing]) used.dispose();
  });
});
