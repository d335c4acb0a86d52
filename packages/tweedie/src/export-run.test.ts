import { memory, setBackend } from '@tensorflow/tfjs-core';
import { onnxBackend } from '@tweedie/backend-onnx';
import { createRng, type HostParams, hostArray } from '@tweedie/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkExport } from './export-check.js';
import { exportKinds, exportRun } from './export-run.js';
import { createNodeRegistry } from './node.js';
import { findRecipe } from './recipes.js';
import { createModel, overrideConfig, type RunConfig, resolveConfig } from './run-config.js';

const registry = createNodeRegistry();
const backend = onnxBackend({ threads: 1 });
beforeAll(() => setBackend('cpu'));
afterAll(() => backend.dispose());

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
  ['DDPM on small images', 'ddpm-mnist', digits],
  [
    'velocity on a grid that begins at pure noise',
    'ddpm-mnist',
    { ...digits, schedule: 'sigmoid' },
  ],
];

describe.each(cases)('%s', (_title, recipe, settings) => {
  it.each(exportKinds)('as a %s agrees with the library', async (what) => {
    const config = configured(recipe, settings);
    const request = { config, params: someWeights(config), registry, what, batchSize: 2 };
    const before = memory().numTensors;
    const exported = await exportRun(request);
    expect(memory().numTensors).toBe(before);
    const { difference, compared } = await checkExport(exported, request, { backend });
    expect(compared).toBeGreaterThan(0);
    // Single precision through a network, and through the few steps of a chain.
    expect(difference).toBeLessThan(1e-5);
    expect(memory().numTensors).toBe(before);
  });
});
