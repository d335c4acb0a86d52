import { memory, setBackend } from '@tensorflow/tfjs-core';
import { onnxBackend } from '@tweedie/backend-onnx';
import { createRng, noisePrediction, type Sampler, velocityPrediction } from '@tweedie/core';
import { mlp } from '@tweedie/networks';
import { ddim, defineSampler, type Step, samplers, weightedSum } from '@tweedie/samplers';
import { cosine, trailingGrid } from '@tweedie/schedules';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkExport } from './check/check-export.js';
import { exportModel } from './export-model.js';
import { type ExportRequest, exportKinds } from './request.js';

const backend = onnxBackend({ threads: 1 });
beforeAll(() => setBackend('cpu'));
afterAll(() => backend.dispose());

const model = {
  network: mlp({ widths: [16, 16] }),
  parameterization: noisePrediction({ conditionOn: 'halfLogSnr' }),
  schedule: cosine(),
};
const params = model.network.init(createRng(3));
const requestOf = (sampler: Sampler, what: ExportRequest['what'], steps = 5): ExportRequest => ({
  model,
  params,
  sampler,
  grid: trailingGrid(model.schedule, steps),
  what,
  batchSize: 2,
});

/** Exports, and holds what ONNX Runtime makes of it to this library's own sampling. */
async function expectAgreement(request: ExportRequest): Promise<void> {
  const before = memory().numTensors;
  const exported = await exportModel(request);
  const { difference, tolerance, compared } = await checkExport(exported, request, { backend });
  expect(memory().numTensors).toBe(before);
  expect(compared).toBeGreaterThan(0);
  expect(tolerance).toBeLessThan(1e-3);
  expect(difference).toBeLessThan(tolerance);
}

describe.each(samplers.map((factory) => [factory.id, factory] as const))('%s', (_id, factory) => {
  it.each(exportKinds)('as a %s agrees with the library', async (what) => {
    await expectAgreement(requestOf(factory(), what));
  });
});

/** Remembers the two estimates before, as tensors in a list, and how many steps it has made. */
const threeSteps = defineSampler({
  owner: 'mine',
  id: 'three-steps',
  doc: 'the mean of the last three estimates of the data',
  options: {},
  rule: () => async (step: Step<{ readonly made: number; readonly past: Step['x'][] }>) => {
    const { from, to, x, memory: before = { made: 0, past: [] } } = step;
    const denoised = await step.denoise(x, from);
    const all = [denoised, ...before.past];
    const kept = to.sigma / from.sigma;
    const share = (to.alpha - kept * from.alpha) / all.length;
    return {
      denoised,
      x: weightedSum([[kept, x], ...all.map((estimate) => [share, estimate] as const)]),
      memory: { made: before.made + 1, past: all.slice(0, 2) },
    };
  },
});

describe('samplers of a user', () => {
  it.each(exportKinds)('that remember more from step to step: a %s', async (what) => {
    await expectAgreement(requestOf(threeSteps(), what));
  });

  it('with a level between those of the grid', async () => {
    const halfway = defineSampler({
      owner: 'mine',
      id: 'halfway',
      doc: 'denoises at the middle of each step',
      options: {},
      rule: () => async (step) => {
        const { from, to, levelAt } = step;
        if (to.sigma === 0) return step.repeat(ddim().rule);
        const lambda = (level: typeof to) => Math.log(level.alpha / level.sigma);
        const between = levelAt((lambda(from) + lambda(to)) / 2);
        const first = await step.repeat(ddim().rule, { to: between });
        return step.repeat(ddim().rule, { from: between, x: first.x });
      },
    });
    await expectAgreement(requestOf(halfway(), 'sampler'));
  });

  it('that draw uniform numbers are refused by name', async () => {
    const jump = defineSampler({
      owner: 'mine',
      id: 'jump',
      doc: 'draws uniform numbers',
      options: {},
      rule: () => async (step) => {
        step.uniform();
        return step.repeat(ddim().rule);
      },
    });
    await expect(exportModel(requestOf(jump(), 'sampler'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/'jump' draws uniform numbers/),
    });
  });

  it('whose steps depend on values are refused by name, memory or not', async () => {
    const adaptive = defineSampler({
      owner: 'mine',
      id: 'adaptive',
      doc: 'looks at its estimate',
      options: {},
      rule: () => async (step: Step<number>) => {
        const made = await step.repeat(ddim().rule);
        const [value] = await made.denoised.data();
        return { x: made.x, denoised: made.denoised, memory: value! };
      },
    });
    for (const what of ['sampler', 'sampler-step'] as const) {
      await expect(exportModel(requestOf(adaptive(), what))).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/'adaptive' with these options cannot be exported/),
      });
    }
  });

  it('without a rule are refused by name', async () => {
    const { name, config, sample } = ddim();
    const closed = { name: 'closed', config, sample };
    expect(name).toBe('ddim');
    await expect(exportModel(requestOf(closed, 'sampler-step'))).rejects.toThrow(
      /'closed' does not say the rule of its steps/,
    );
  });
});

describe('grids', () => {
  it('may begin at pure noise where the prediction has a meaning there', async () => {
    const velocity = { ...model, parameterization: velocityPrediction() };
    const grid = [{ t: 999, alpha: 0, sigma: 1 }, ...trailingGrid(model.schedule, 4).slice(1)];
    await expectAgreement({ ...requestOf(ddim(), 'sampler'), model: velocity, grid });
    const refused = exportModel({ ...requestOf(ddim(), 'sampler'), grid });
    await expect(refused).rejects.toMatchObject({ code: 'NOT_FINITE' });
  });

  it('of a hundred steps make no larger file than of ten', async () => {
    const sizeOf = async (sampler: Sampler, steps: number) =>
      (await exportModel({ ...requestOf(sampler, 'sampler', steps), facts: { levels: '' } })).model
        .length;
    for (const factory of samplers.filter(({ id }) => /^(ddim|heun|dpmpp-2m)$/.test(id))) {
      const growth = (await sizeOf(factory(), 100)) - (await sizeOf(factory(), 10));
      // A few numbers a step, in tables.
      expect(growth).toBeLessThan(90 * 80);
    }
  });
});
