import '@tensorflow/tfjs-backend-cpu';
import '@tweedie/autodiff';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { createRegistry } from '@tweedie/core';
import { testLoss } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { losses, minSnrWeighting, weightings } from './index.js';
import { simpleLoss } from './simple.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

for (const { id } of weightings) {
  testLoss(`simple, ${id}`, () => simpleLoss({ weighting: id }));
}
testLoss('simple, low discrepancy', () => simpleLoss({ times: 'lowDiscrepancy' }));
testLoss('simple, times near the middle', () =>
  simpleLoss({ times: { name: 'logitNormal', mean: 0.5 } }),
);
testLoss('simple, labels dropped', () => simpleLoss({ labelDropout: 0.5, nullLabel: 10 }), {
  classes: 11,
  batch: (rng, count) => ({ x: rng.normal([count, 2]), label: rng.integers([count], 0, 10) }),
});

it('the list makes each loss by its name', () => {
  const registry = createRegistry({ loss: losses });
  expect(registry.create('loss', 'simple', { weighting: 'p2' })).toMatchObject({
    name: 'simple',
    config: { weighting: { name: 'p2', options: { gamma: 1, k: 1 } }, times: { name: 'uniform' } },
  });
});

describe('the weighting of simple', () => {
  it('is named, named with options, or made', () => {
    const stored = { name: 'minSnr', options: { gamma: 3 } } as const;
    expect(simpleLoss({ weighting: minSnrWeighting({ gamma: 3 }) }).config.weighting).toEqual(
      stored,
    );
    expect(simpleLoss({ weighting: stored }).config.weighting).toEqual(stored);
    expect(simpleLoss({ weighting: 'minSnr' }).config.weighting).toMatchObject({
      options: { gamma: 5 },
    });
  });

  it('is any of the user', () => {
    const mine = { name: 'mine', config: {}, weight: () => 7 };
    expect(simpleLoss({ weighting: mine }).config.weighting).toEqual({ name: 'mine', options: {} });
  });

  it('says where a bad option is', () => {
    const registry = createRegistry({ loss: losses });
    expect(() =>
      registry.create('loss', 'simple', { weighting: { name: 'minSnr', options: { gamma: 0 } } }),
    ).toThrow('[losses] simple: weighting.gamma is 0');
  });

  it.each([
    [{ weighting: 'noise', gamma: 2, p2Offset: 1, sigmaData: 0.5 }, 'noise', {}],
    [{ weighting: 'minSnr', gamma: null, p2Offset: 1, sigmaData: 0.5 }, 'minSnr', { gamma: 5 }],
    [{ weighting: 'softMinSnr', gamma: 2 }, 'softMinSnr', { gamma: 2 }],
    [{ weighting: 'p2', gamma: 2, p2Offset: 3 }, 'p2', { gamma: 2, k: 3 }],
    [{ weighting: 'edm', sigmaData: 0.7, gamma: null }, 'edm', { sigmaData: 0.7 }],
  ])('is read from options of before: %j', (stored, name, options) => {
    const { config } = createRegistry({ loss: losses }).create('loss', 'simple', stored);
    expect(config.weighting).toEqual({ name, options });
  });
});
