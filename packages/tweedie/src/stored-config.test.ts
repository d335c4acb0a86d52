import type { JsonObject } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import {
  createTweedieRegistry,
  findRecipe,
  overrideConfig,
  readStoredConfig,
  resolveConfig,
} from './index.js';

const registry = createTweedieRegistry();
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
      '[tweedie] the stored configuration does not say its data.',
    );
    const { training: _, ...untrained } = moons;
    expect(() => read(untrained)).toThrow('does not say its');
    expect(() => read({ ...moons, sampling: null })).toThrow('does not say its sampling.sampler');
    expect(() => read({ ...moons, loss: { name: 'constructor', options: {} } })).toThrow(
      "there is no loss 'constructor'",
    );
  });
});
