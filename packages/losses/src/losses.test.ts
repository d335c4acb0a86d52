import '@tensorflow/tfjs-backend-cpu';
import '@tweedie/autodiff';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { createRegistry } from '@tweedie/core';
import { testLoss } from '@tweedie/testing';
import { beforeAll, expect, it } from 'vitest';
import { losses } from './index.js';
import { simpleLoss } from './simple.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

for (const weighting of simpleLoss.options.weighting.choices) {
  testLoss(`simple, ${weighting}`, () => simpleLoss({ weighting }));
}
testLoss('simple, low discrepancy', () => simpleLoss({ times: 'lowDiscrepancy' }));
testLoss('simple, labels dropped', () => simpleLoss({ labelDropout: 0.5, nullLabel: 10 }), {
  batch: (rng, count) => ({ x: rng.normal([count, 2]), label: rng.integers([count], 0, 10) }),
});

it('the list makes each loss by its name', () => {
  const registry = createRegistry({ loss: losses });
  expect(registry.create('loss', 'simple', { weighting: 'p2' })).toMatchObject({
    name: 'simple',
    config: { weighting: 'p2', gamma: null },
  });
});
