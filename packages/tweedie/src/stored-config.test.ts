import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { JsonObject } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import {
  createModel,
  createSampling,
  findRecipe,
  overrideConfig,
  readStoredConfig,
  recipes,
  resolveConfig,
} from './index.js';
import { createNodeRegistry } from './node.js';

const registry = createNodeRegistry();
const read = (stored: unknown) =>
  readStoredConfig(JSON.parse(JSON.stringify(stored)) as JsonObject, registry);
const moons = resolveConfig(findRecipe('ddpm-moons').config, registry);

/** As it was stored when AdamW was the only optimizer. */
function beforeOptimizers(): JsonObject {
  const { optimizer: _, ...rest } = moons;
  const adamw = { weightDecay: 0.02, beta1: 0.8, beta2: 0.98, epsilon: 1e-6 };
  return { ...rest, training: { ...moons.training, ...adamw } };
}

describe('readStoredConfig', () => {
  it('gives what was stored by this version', () => {
    expect(read(moons)).toEqual(moons);
    const sgd = resolveConfig(overrideConfig(moons, registry, 'optimizer', 'sgd'), registry);
    expect(read(sgd)).toEqual(sgd);
  });

  it("takes AdamW's options out of those of training", () => {
    expect(read(beforeOptimizers())).toEqual({
      ...moons,
      optimizer: {
        name: 'adamw',
        options: { weightDecay: 0.02, beta1: 0.8, beta2: 0.98, epsilon: 1e-6 },
      },
    });
  });

  it('fills in options that there were not', () => {
    const { finalFraction: _, ...training } = moons.training;
    expect(read({ ...moons, training })).toEqual(moons);
  });

  it('refuses what no recipe made, and plug-ins that there are not', () => {
    expect(() => read({ model: 'moons', training: { steps: 3 } })).toThrow(
      "[tweedie] the configuration has 'model'. Allowed: recipe, data, network",
    );
    const { training: _, ...untrained } = moons;
    expect(() => read(untrained)).toThrow('does not say its');
    expect(() => read({ ...moons, sampling: null })).toThrow(
      'something else in place of its sampling',
    );
    expect(() => read({ ...moons, sampling: {} })).toThrow('does not say its sampling.sampler');
    const { data: __, ...without } = moons;
    expect(() => read(without)).toThrow('[tweedie] the configuration does not say its data.');
    expect(() => read({ ...moons, recipe: 3 })).toThrow('something else in place of its recipe');
    const spelled = { ...moons.network, option: {} };
    expect(() => read({ ...moons, network: spelled })).toThrow(
      "the configuration has 'network.option'. Allowed: network.name, network.options.",
    );
    expect(() => read({ ...moons, loss: { name: 'constructor', options: {} } })).toThrow(
      "there is no loss 'constructor'",
    );
  });
});

describe('a run folder of an earlier version', () => {
  // Written when weightings shared their options, AdamW was the only optimizer, and the parts of
  // predictor-corrector were choices; see each file.
  const folder = resolve(import.meta.dirname, '../fixtures/stored-configs');
  const stored = (name: string): JsonObject =>
    JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')).config;
  const names = readdirSync(folder).map((file) => file.replace('.json', ''));

  it.each(recipes.map(({ id }) => id))('of the recipe %s is what it is today', (id) => {
    expect(read(stored(id))).toEqual(resolveConfig(findRecipe(id).config, registry));
  });

  it.each(names)('%s makes its parts, and reads itself once stored again', (name) => {
    const config = read(stored(name));
    expect(read(config)).toEqual(config);
    const model = createModel(config, registry);
    expect(createSampling(config.sampling, model, registry).grid.length).toBeGreaterThan(1);
    const loss = registry.create('loss', config.loss.name, config.loss.options);
    expect(loss.config).toEqual(config.loss.options);
  });

  it.each([
    ['min-snr', { predictor: { name: 'ddpm', options: { variance: 'fixedSmall' } } }],
    ['predictor-variance', { predictor: { name: 'ddpm', options: { variance: 'fixedLarge' } } }],
    ['soft-min-snr', { corrector: { name: 'langevin', snr: 0.1 } }],
    ['p2', { predictor: { name: 'ddim' }, correctorSteps: 2 }],
    ['edm', { predictor: null, corrector: { name: 'ald', snr: 0.16 } }],
  ])('%s samples as before: %j', (name, options) => {
    expect(read(stored(name)).sampling.sampler.options).toMatchObject(options);
  });

  it.each([
    ['min-snr', { weighting: { name: 'minSnr', options: { gamma: 3 } } }],
    ['soft-min-snr', { weighting: { name: 'softMinSnr', options: { gamma: 4 } } }],
    ['p2', { weighting: { name: 'p2', options: { gamma: 2, k: 3 } } }],
    ['edm', { weighting: { name: 'edm', options: { sigmaData: 0.7 } } }],
    ['ddpm-moons', { weighting: { name: 'noise', options: {} }, times: { name: 'uniform' } }],
    ['min-snr', { times: { name: 'lowDiscrepancy' } }],
  ])('%s weighs as before: %j', (name, options) => {
    expect(read(stored(name)).loss.options).toMatchObject(options);
  });
});
