import { defineFactory, number, TweedieError } from '@tweedie/core';
import { defineWeighting } from '@tweedie/losses';
import { describe, expect, it } from 'vitest';
import {
  createModel,
  createRun,
  createSampling,
  createTweedieRegistry,
  findRecipe,
  overrideConfig,
  recipes,
  resolveConfig,
} from './index.js';
import { createNodeRegistry } from './node.js';

const registry = createNodeRegistry();
const moons = findRecipe('ddpm-moons').config;

describe('recipes', () => {
  it.each(recipes.map(({ id }) => id))('%s resolves, is JSON, and resolves to itself', (id) => {
    const config = resolveConfig(findRecipe(id).config, registry);
    const stored = JSON.parse(JSON.stringify(config));
    expect(stored).toEqual(config);
    expect(resolveConfig(stored, registry)).toEqual(config);
    const model = createModel(config, registry);
    const { grid } = createSampling(config.sampling, model, registry);
    expect(grid.at(-1)).toMatchObject({ alpha: 1, sigma: 0 });
    expect(model.network.itemShape.length).toBeGreaterThan(0);
  });

  it('are found by name, the nearest one offered', () => {
    expect(() => findRecipe('ddpm-mnits')).toThrow(/Did you mean 'ddpm-mnist'/);
    const mine = { id: 'ddpm-moons', doc: 'mine', config: moons };
    expect(findRecipe('ddpm-moons', [mine])).toBe(mine);
  });
});

describe('createRun', () => {
  it('makes parts whose names and options are those of the configuration', () => {
    const config = resolveConfig(moons, registry);
    const { model, loss, optimizer, data } = createRun(config, registry);
    for (const [part, choice] of [
      [model.network, config.network],
      [model.schedule, config.schedule],
      [model.parameterization, config.parameterization],
      [loss, config.loss],
      [optimizer, config.optimizer],
      [data, config.data],
    ] as const) {
      expect({ name: part.name, options: part.config }).toEqual(choice);
    }
  });

  it('refuses a network for other data', () => {
    const config = overrideConfig(moons, registry, 'data', 'mnist');
    expect(() => createRun(config, registry)).toThrow(/\[2\].*\[28, 28, 1\]/);
  });
});

describe('overrideConfig', () => {
  const set = (path: string, text: string) => overrideConfig(moons, registry, path, text);

  it('sets one option and leaves the rest', () => {
    expect(set('network.widths', '8,9').network.options.widths).toEqual([8, 9]);
    expect(set('training.steps', '7').training).toEqual({ ...moons.training, steps: 7 });
    expect(set('sampling.grid.steps', '5').sampling.grid.options.steps).toBe(5);
    expect(set('optimizer.beta2', '0.9').optimizer.options.beta2).toBe(0.9);
    expect(set('sampling.batchSize', '3').sampling.batchSize).toBe(3);
    expect(set('network.widths', '8').schedule).toBe(moons.schedule);
  });

  it('changes a plug-in, which then has its defaults', () => {
    expect(set('schedule', 'linear').schedule).toEqual({ name: 'linear', options: {} });
    expect(set('network', 'mlp').network).toBe(moons.network);
  });

  it('sets an option that names something, and the options of what it names', () => {
    const sets = (...settings: [string, string][]) =>
      settings.reduce((all, [path, text]) => overrideConfig(all, registry, path, text), moons);
    const named = sets(['loss.weighting', 'minSnr'], ['loss.weighting.gamma', '3']);
    expect(named.loss.options.weighting).toEqual({ name: 'minSnr', options: { gamma: 3 } });
    const { config } = createRun(resolveConfig(named, registry), registry).loss;
    expect(config.weighting).toEqual({ name: 'minSnr', options: { gamma: 3 } });
    const times = sets(['loss.times', 'logitNormal'], ['loss.times.mean', '0.5']);
    expect(resolveConfig(times, registry).loss.options.times).toEqual({
      name: 'logitNormal',
      mean: 0.5,
      deviation: 1,
    });
    // Another name has its own defaults.
    expect(
      sets(['loss.weighting', 'minSnr'], ['loss.weighting.gamma', '3'], ['loss.weighting', 'p2'])
        .loss.options.weighting,
    ).toEqual({ name: 'p2', options: {} });
  });

  it('names a weighting of the user', () => {
    const mine = defineWeighting({
      owner: 'mine',
      id: 'flat',
      doc: 'all alike',
      options: { value: number({ default: 1, doc: 'the weight' }) },
      weight: (_level, { value }) => value,
    });
    const own = createTweedieRegistry({ weighting: [mine] });
    const named = overrideConfig(moons, own, 'loss.weighting', 'flat');
    const config = resolveConfig(overrideConfig(named, own, 'loss.weighting.value', '2'), own);
    expect(config.loss.options.weighting).toEqual({ name: 'flat', options: { value: 2 } });
    expect(createRun(config, own).loss.config).toEqual(config.loss.options);
  });

  it.each([
    ['loss.weighting', 'minSnrr', /loss\.weighting is 'minSnrr'.*Did you mean 'minSnr'/],
    ['loss.weighting.gamma', '3', /loss\.weighting noise has no option 'gamma'/],
    ['loss.times.mean', '3', /loss\.times uniform has no option 'mean'/],
    ['loss.__proto__', '8', /loss simple has no option '__proto__'/],
    ['training.constructor', '8', /training has no option 'constructor'/],
    ['loss.weighting', '__proto__', /loss\.weighting is '__proto__'/],
    ['loss', '__proto__', /there is no loss '__proto__'/],
    ['__proto__', '8', /there is no setting/],
    ['constructor.name', '8', /there is no setting/],
    ['network.wdiths', '8', /Did you mean 'widths'/],
    ['netwrok.widths', '8', /there is no setting/],
    ['sampling.speed', '8', /there is no setting/],
    ['schedule', 'cosin', /Did you mean 'cosine'/],
    ['training.steps', 'many', /training\.steps is 'many'/],
    ['network.widths', '8,', /network\.widths is '8,'/],
  ])('refuses %s=%s', (path, text, message) => {
    expect(() => set(path, text)).toThrow(message);
    expect(() => set(path, text)).toThrow(TweedieError);
  });

  it('refuses a network with other noise levels than the schedule', () => {
    const ncsn = findRecipe('ncsn-mnist').config;
    const other = overrideConfig(ncsn, registry, 'schedule.steps', '9');
    expect(() => createModel(other, registry)).toThrow(/12 noise levels and schedule .* has 9/);
    const continuous = overrideConfig(ncsn, registry, 'schedule', 've');
    expect(() => createModel(continuous, registry)).toThrow(/ve is continuous.*network\.levels/);
    const both = overrideConfig(other, registry, 'network.levels', '9');
    expect(createModel(both, registry).network.noiseLevels).toBe(9);
  });

  it('refuses a batch of no samples', () => {
    for (const text of ['0', '1.5', 'x']) {
      expect(() => set('sampling.batchSize', text)).toThrow(/sampling\.batchSize is/);
    }
    const none = { ...moons, sampling: { ...moons.sampling, batchSize: 0 } };
    expect(() => resolveConfig(none, registry)).toThrow(/sampling: batchSize is 0/);
  });
});

describe('createTweedieRegistry', () => {
  it('takes plug-ins from outside, in place of ours of the same name', () => {
    const loss = defineFactory({
      owner: 'mine',
      id: 'simple',
      doc: 'mine',
      options: {},
      create: () => ({ draw: () => ({}), value: () => undefined as never }),
    });
    const own = createTweedieRegistry({ loss: [loss] });
    expect(own.factory('loss', 'simple').doc).toBe('mine');
    expect(own.names('sampler')).toEqual(createTweedieRegistry().names('sampler'));
  });
});
