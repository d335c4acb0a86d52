import { expectNoLeak } from '@tweedie/autodiff';
import { cpuBackend } from '@tweedie/backend-eager';
import { onnxBackend } from '@tweedie/backend-onnx';
import { createRng, type HostParams } from '@tweedie/core';
import { createDenoiser, type DisposableDenoiser } from '@tweedie/denoisers';
import { afterAll, describe, expect, it } from 'vitest';
import { generate } from './generate.js';
import { int8Denoiser } from './int8-denoiser.js';
import { findRecipe } from './recipes.js';
import { createTweedieRegistry } from './registry.js';
import { createModel, createSampling, overrideConfig } from './run-config.js';
import type { RunConfig } from './run-config-form.js';

const registry = createTweedieRegistry();
const backend = onnxBackend({ threads: 1 });
afterAll(() => backend.dispose());

const changed = (recipe: string, settings: readonly (readonly [string, string])[]): RunConfig =>
  settings.reduce(
    (all, [path, text]) => overrideConfig(all, registry, path, text),
    findRecipe(recipe).config,
  );
const config = changed('ddpm-mnist', [
  ['network.blockOutChannels', '8,8,16'],
  ['network.normNumGroups', '4'],
  ['network.layersPerBlock', '1'],
  ['network.zeroInitOutput', 'false'],
  ['sampling.sampler', 'ddim'],
  ['sampling.grid.steps', '2'],
]);
const model = createModel(config, registry);
const params: HostParams = model.network.init(createRng(5));
const request = { config, params, registry, backend };

async function samplesOf(denoiser: DisposableDenoiser): Promise<Float32Array> {
  const { sampler, grid } = createSampling(config.sampling, model, registry);
  const { itemShape } = model.network;
  const work = generate({
    denoiser,
    sampler,
    grid,
    schedule: model.schedule,
    itemShape,
    count: 2,
    seed: 9,
    batchSize: 2,
  });
  try {
    for (;;) {
      const step = await work.next();
      if (step.done) return step.value.data as Float32Array;
    }
  } finally {
    await denoiser.dispose();
  }
}

describe('int8Denoiser', () => {
  it('samples close to float32, the same each time, and leaves no tensors', async () => {
    const exact = await samplesOf(createDenoiser({ model, params, backend }));
    let rounded: Float32Array | undefined;
    await expectNoLeak(async () => {
      rounded = await samplesOf(await int8Denoiser(request));
    });
    const again = await samplesOf(await int8Denoiser(request));
    expect(again).toEqual(rounded);
    // Not the same numbers, but near: a byte is 1/255 of its range, and other noise or a wrong scale
    // would be of the order of 1.
    expect(rounded).not.toEqual(exact);
    const squares = (of: (i: number) => number) => exact.reduce((sum, _, i) => sum + of(i) ** 2, 0);
    const error = squares((i) => rounded![i]! - exact[i]!) / squares((i) => exact[i]!);
    expect(Math.sqrt(error)).toBeLessThan(0.05);
  });

  it('refuses backends that do not quantize, before it samples', async () => {
    await expect(int8Denoiser({ ...request, backend: cpuBackend() })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/the backend cpu does not compute in int8.*onnx/s),
    });
  });

  it('refuses networks without convolutions, and leaves no tensors', async () => {
    const moons = changed('ddpm-moons', [
      ['network.widths', '8'],
      ['sampling.grid.steps', '2'],
    ]);
    const { network } = createModel(moons, registry);
    const plain = { ...request, config: moons, params: network.init(createRng(1)) };
    await expectNoLeak(async () => {
      await expect(int8Denoiser(plain)).rejects.toMatchObject({
        code: 'INVALID_VALUE',
        message: expect.stringMatching(/network 'mlp' has no convolutions.*leave out --int8/),
      });
    });
  });
});
