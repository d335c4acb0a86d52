import { memory, setBackend } from '@tensorflow/tfjs-core';
import { onnxBackend } from '@tweedie/backend-onnx';
import { createRng, type HostParams, hostArray } from '@tweedie/core';
import {
  calibrationOf,
  checkExport,
  type ExportKind,
  exportKinds,
  exportModel,
} from '@tweedie/export';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportRequest, type RunExport } from './export-request.js';
import { createNodeRegistry } from './node.js';
import { findRecipe } from './recipes.js';
import { createModel, createSampling, overrideConfig, resolveConfig } from './run-config.js';
import type { RunConfig } from './run-config-form.js';

const registry = createNodeRegistry();
const backend = onnxBackend({ threads: 1 });
beforeAll(() => setBackend('cpu'));
afterAll(() => backend.dispose());

const exportRun = (run: RunExport) => exportModel(exportRequest(run));

function configured(recipe: string, settings: Readonly<Record<string, string>>): RunConfig {
  const config = Object.entries(settings).reduce(
    (before, [path, text]) => overrideConfig(before, registry, path, text),
    findRecipe(recipe).config,
  );
  return resolveConfig(config, registry);
}

/** Weights that are no longer those of the start, where some are 0. */
function someWeights(config: RunConfig): HostParams {
  const rng = createRng(5);
  const params = createModel(config, registry).network.init(rng.fork('init'));
  return Object.fromEntries(
    Object.entries(params).map(([name, { data, shape }]) => {
      const noise = rng.fork(name).normal(shape).data;
      return [
        name,
        hostArray(
          data.map((value, i) => value + 0.02 * noise[i]!),
          shape,
        ),
      ];
    }),
  );
}

const points = { 'network.widths': '16,16', 'sampling.grid.steps': '6' };
const digits = {
  'network.blockOutChannels': '8,16',
  'network.downBlockTypes': 'DownBlock2D,AttnDownBlock2D',
  'network.upBlockTypes': 'AttnUpBlock2D,UpBlock2D',
  'network.sampleSize': '8',
  'sampling.grid.steps': '3',
};
const cases: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ['DDPM with clipping on points', 'ddpm-moons', points],
  ['DDIM, which draws nothing', 'ddpm-moons', { ...points, 'sampling.sampler': 'ddim' }],
  [
    'DDIM with noise and the larger variance of none',
    'ddpm-moons',
    { ...points, 'sampling.sampler': 'ddim', 'sampling.sampler.eta': '0.7' },
  ],
  [
    'predictor and corrector, which draw several times a step',
    'ddpm-moons',
    {
      ...points,
      'sampling.sampler': 'predictor-corrector',
      'sampling.sampler.correctorSteps': '2',
    },
  ],
  [
    'Langevin by norms',
    'ddpm-moons',
    {
      ...points,
      'sampling.sampler': 'predictor-corrector',
      'sampling.sampler.corrector': 'langevin',
    },
  ],
  [
    'annealed Langevin on a network of two modes',
    'ncsn-toy',
    {
      'network.widths': '16',
      'sampling.sampler.stepsPerLevel': '3',
      'sampling.sampler.denoise': 'true',
    },
  ],
  ["Heun's method", 'ddpm-moons', { ...points, 'sampling.sampler': 'heun' }],
  [
    'DPM-Solver++(2M), which remembers',
    'ddpm-moons',
    { ...points, 'sampling.sampler': 'dpmpp-2m', 'sampling.sampler.clip': '3' },
  ],
  ['DDPM on small images', 'ddpm-mnist', digits],
  [
    'classes, and EDM preconditioning',
    'ddpm-moons',
    { ...points, 'network.classes': '3', parameterization: 'edm' },
  ],
];

describe.each(cases)('%s', (_title, recipe, settings) => {
  it.each(exportKinds)('as a %s agrees with the library', async (what) => {
    const config = configured(recipe, settings);
    const request = { config, params: someWeights(config), registry, what, batchSize: 2 };
    const before = memory().numTensors;
    const exported = await exportRun(request);
    expect(memory().numTensors).toBe(before);
    const { difference, compared } = await checkExport(
      exported,
      exportRequest({ ...request, what }),
      { backend },
    );
    expect(compared).toBeGreaterThan(0);
    // Single precision through a network, and through the few steps of a chain.
    expect(difference).toBeLessThan(1e-5);
    expect(memory().numTensors).toBe(before);
  });
});

describe('an exported run', () => {
  const config = configured('ddpm-moons', { ...points, 'sampling.grid.steps': '4' });
  const params = someWeights(config);
  const request = { config, params, registry, batchSize: 3 } as const;
  const textOf = (model: Uint8Array) => new TextDecoder().decode(model);

  /** The inputs and outputs of an export, as text. */
  async function arraysOf(what: ExportKind, more: Readonly<Record<string, string>>) {
    const other = configured('ddpm-moons', { ...points, 'sampling.grid.steps': '4', ...more });
    const all = { ...request, config: other, params: someWeights(other), what };
    const { inputs, outputs } = await checkExport(await exportRun(all), exportRequest(all), {
      backend,
    });
    return [inputs, outputs].map((arrays) =>
      arrays.map(({ name, type, shape }) => `${name} ${type}[${shape}]`).join(', '),
    );
  }

  it('takes what is natural to any runtime, and no input that is not needed', async () => {
    // This network is told ln(α/σ), not the time.
    expect(await arraysOf('denoiser', {})).toEqual([
      'x float32[3,2], alpha float32[], sigma float32[]',
      'denoised float32[3,2], noise float32[3,2]',
    ]);
    const conditioned = { 'network.classes': '2', 'parameterization.conditionOn': 'time' };
    expect(await arraysOf('denoiser', conditioned)).toEqual([
      'x float32[3,2], alpha float32[], sigma float32[], time float32[], label int32[3]',
      'denoised float32[3,2], noise float32[3,2]',
    ]);
    expect(await arraysOf('sampler', { 'sampling.sampler': 'ddim' })).toEqual([
      'start float32[3,2]',
      'samples float32[3,2]',
    ]);
    // The last step of DDPM draws nothing.
    expect(await arraysOf('sampler', {})).toEqual([
      'start float32[3,2], noise float32[3,3,2]',
      'samples float32[3,2]',
    ]);
    expect(await arraysOf('sampler-step', {})).toEqual([
      'step int64[], x float32[3,2], noise float32[3,2]',
      'x_next float32[3,2], denoised float32[3,2]',
    ]);
    // A multistep method also takes and gives what it remembers.
    expect(await arraysOf('sampler-step', { 'sampling.sampler': 'dpmpp-2m' })).toEqual([
      'step int64[], x float32[3,2], memory_1 float32[3,2]',
      'x_next float32[3,2], memory_1_next float32[3,2], denoised float32[3,2]',
    ]);
  });

  it('says what it is made of', async () => {
    const { model, metadata } = await exportRun({
      ...request,
      what: 'sampler',
      facts: { version: '1.2.3', trainedSteps: 7 },
    });
    expect(metadata).toMatchObject({
      'tweedie.what': 'sampler',
      'tweedie.recipe': 'ddpm-moons',
      'tweedie.itemShape': '[2]',
      'tweedie.batchSize': '3',
      'tweedie.classes': '0',
      'tweedie.steps': '4',
      'tweedie.version': '1.2.3',
      'tweedie.trainedSteps': '7',
    });
    for (const part of ['network', 'schedule', 'parameterization', 'data'] as const) {
      expect(JSON.parse(metadata[`tweedie.${part}`]!)).toEqual(config[part]);
    }
    expect(JSON.parse(metadata['tweedie.sampler']!)).toEqual(config.sampling.sampler);
    const levels: [number, number, number][] = JSON.parse(metadata['tweedie.levels']!);
    expect(levels).toHaveLength(5);
    expect(levels[4]!.slice(1)).toEqual([1, 0]);
    for (const [name, text] of Object.entries(metadata)) {
      expect(textOf(model)).toContain(name);
      expect(textOf(model)).toContain(text);
    }
    expect(textOf(model)).not.toContain('com.microsoft');
  });

  it('tells other weights by their hash', async () => {
    const hashOf = async (weights: HostParams) =>
      (await exportRun({ ...request, params: weights, what: 'denoiser' })).metadata[
        'tweedie.weightsSha256'
      ];
    const name = Object.keys(params)[0]!;
    const data = params[name]!.data.slice();
    data[0]! += 1e-3;
    const others = { ...params, [name]: hostArray(data, params[name]!.shape) };
    expect(await hashOf(params)).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf({ ...params })).toBe(await hashOf(params));
    expect(await hashOf(others)).not.toBe(await hashOf(params));
  });

  it('is the same each time', async () => {
    const first = await exportRun({ ...request, what: 'sampler' });
    expect(await exportRun({ ...request, what: 'sampler' })).toEqual(first);
  });

  it('refuses what has no form in ONNX', async () => {
    const other = configured('ddpm-moons', {
      ...points,
      'sampling.sampler': 'ddim',
      'sampling.sampler.threshold': '0.99',
    });
    await expect(exportRun({ ...request, config: other, what: 'sampler' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/sampler 'ddim' with these options cannot be exported.*reads/),
    });
    await expect(exportRun({ ...request, batchSize: 0, what: 'denoiser' })).rejects.toThrow(
      /batch size of an export is 0/,
    );
  });
});

describe('checkExport', () => {
  const config = configured('ddpm-moons', points);
  const params = someWeights(config);
  const request = { config, params, registry, batchSize: 2 } as const;

  it.each(exportKinds)('holds on onnxruntime-web too: a %s', async (what) => {
    const exported = await exportRun({ ...request, what });
    const options = { backend, device: 'wasm' } as const;
    const { difference, tolerance } = await checkExport(
      exported,
      exportRequest({ ...request, what }),
      options,
    );
    expect(tolerance).toBe(1e-5);
    expect(difference).toBeLessThan(tolerance);
  });

  it.each(exportKinds)('finds a %s of other weights', async (what) => {
    const others = Object.fromEntries(
      Object.entries(params).map(([name, { data, shape }]) => [
        name,
        hostArray(
          data.map((value) => value * 1.001),
          shape,
        ),
      ]),
    );
    const exported = await exportRun({ ...request, params: others, what });
    const { difference, tolerance } = await checkExport(
      exported,
      exportRequest({ ...request, what }),
      { backend },
    );
    expect(difference).toBeGreaterThan(tolerance);
  });
});

describe('in int8', () => {
  // Errors of int8 are many where channels are, and then small beside their sum.
  const config = configured('ddpm-mnist', { ...digits, 'network.blockOutChannels': '32,32' });
  const request = { config, params: someWeights(config), registry, batchSize: 2 } as const;

  it('is smaller, and nearly the same on every runtime', async () => {
    const before = memory().numTensors;
    const calibration = await calibrationOf(exportRequest({ ...request, what: 'denoiser' }), {
      backend,
      items: 4,
    });
    const { grid } = createSampling(config.sampling, createModel(config, registry), registry);
    // The last level is only arrived at.
    expect(calibration.map(({ level }) => level)).toEqual(grid.slice(0, -1));
    expect(calibration.map(({ x }) => x.shape)).toEqual(Array(3).fill([4, 8, 8, 1]));
    const all = { ...request, calibration, what: 'sampler-step' } as const;
    const exported = await exportRun(all);
    const inFloats = await exportRun({ ...all, calibration: undefined });
    expect(exported.model.length).toBeLessThan(inFloats.model.length);
    expect(exported.metadata['tweedie.precision']).toBe('int8');
    expect(inFloats.metadata['tweedie.precision']).toBe('float32');
    expect(new TextDecoder().decode(exported.model)).not.toContain('com.microsoft');
    for (const device of ['cpu', 'wasm'] as const) {
      const { difference, tolerance } = await checkExport(exported, exportRequest(all), {
        backend,
        device,
      });
      // Not single precision, and yet within what int8 may do.
      expect(difference).toBeGreaterThan(1e-4);
      // int8 tells 255 values apart: an error of 2 % at each of some ten layers, which of weights
      // that learned nothing no layer takes back. The check refuses such a file, at 0.1.
      expect(difference).toBeLessThan(0.02 * 10);
      expect(tolerance).toBe(0.1);
    }
    expect(memory().numTensors).toBe(before);
  });

  it('needs convolutions', async () => {
    const other = configured('ddpm-moons', points);
    const flat = { ...request, config: other, params: someWeights(other) };
    const calibration = await calibrationOf(exportRequest({ ...flat, what: 'denoiser' }), {
      backend,
    });
    await expect(exportRun({ ...flat, calibration, what: 'denoiser' })).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringMatching(/convolution/),
    });
  });
});
