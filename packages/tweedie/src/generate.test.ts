import { expectNoLeak } from '@tweedie/autodiff';
import { cpuBackend } from '@tweedie/backend-eager';
import { createRng, type FloatArray } from '@tweedie/core';
import { createDenoiser } from '@tweedie/denoisers';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backends.js';
import {
  createModel,
  createSampling,
  createTweedieRegistry,
  findRecipe,
  type GenerateRequest,
  generate,
  overrideConfig,
} from './index.js';

const registry = createTweedieRegistry();
const config = [
  ['network.widths', '8'],
  ['sampling.grid.steps', '3'],
].reduce(
  (all, [path, text]) => overrideConfig(all, registry, path!, text!),
  findRecipe('ddpm-moons').config,
);
const model = createModel(config, registry);
const params = model.network.init(createRng(5));
const { sampler, grid } = createSampling(config.sampling, model, registry);

async function draw(change: Partial<GenerateRequest> = {}): Promise<FloatArray> {
  const denoiser = createDenoiser({ model, params, backend: cpuBackend() });
  const work = generate({
    denoiser,
    sampler,
    grid,
    schedule: model.schedule,
    itemShape: model.network.itemShape,
    count: 5,
    seed: 3,
    batchSize: 4,
    ...change,
  });
  try {
    for (;;) {
      const step = await work.next();
      if (step.done) return step.value;
      expect(step.value.done).toBeLessThanOrEqual(step.value.total);
    }
  } finally {
    await denoiser.dispose();
  }
}

describe('generate', () => {
  beforeAll(async () => {
    await openBackend('cpu');
  });

  it('gives item i the same values whatever the count', async () => {
    const many = await draw({ count: 11 });
    expect(many.shape).toEqual([11, 2]);
    for (const count of [1, 4, 5]) {
      const few = await draw({ count });
      expect([...few.data]).toEqual([...many.data.subarray(0, 2 * count)]);
    }
    // Clipping can make numbers of an untrained model equal; noise that repeats would leave few.
    expect(new Set(many.data).size).toBeGreaterThan(11);
  });

  it('gives other values for another seed, and the same for the same', async () => {
    expect(await draw()).toEqual(await draw());
    expect((await draw({ seed: 4 })).data[0]).not.toBe((await draw()).data[0]);
  });

  it('leaks nothing, also when it is aborted', async () => {
    await expectNoLeak(() => draw());
    const controller = new AbortController();
    controller.abort();
    await expectNoLeak(async () => {
      await expect(draw({ signal: controller.signal })).rejects.toThrow(/aborted/);
    });
  });

  it.each([0, -1, 2.5, Number.NaN])('refuses %d samples', async (count) => {
    await expect(draw({ count })).rejects.toThrow(/number of samples/);
    await expect(draw({ batchSize: count })).rejects.toThrow(/batch size/);
  });

  it('refuses samples and batches that no machine holds, with an estimate', async () => {
    await expect(draw({ count: 1e12 })).rejects.toThrow(
      /sampling would take about 8\.0 TB of memory: 1000000000000 samples 8\.0 TB, a batch of 4 128 bytes/,
    );
    await expect(draw({ batchSize: 1e12 })).rejects.toThrow(/a batch of 1000000000000 32 TB/);
  });
});

describe('openBackend', () => {
  it('takes the compiled backend by itself', async () => {
    const backend = await openBackend('auto');
    expect(backend.name).toBe('onnx');
    await backend.dispose();
  });

  it('names what there is when asked for something else', async () => {
    await expect(openBackend('onxn')).rejects.toThrow(/Did you mean 'onnx'/);
    await expect(openBackend('abacus')).rejects.toThrow(/auto, onnx, wasm, cpu/);
  });
});
