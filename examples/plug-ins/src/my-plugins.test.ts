import '@tensorflow/tfjs-backend-cpu';
import '@tweedie/autodiff';
import type { Loss } from '@tweedie/core';
import type { simpleLoss } from '@tweedie/losses';
import {
  testDataset,
  testGrid,
  testLoss,
  testNetwork,
  testOptimizer,
  testParameterization,
  testSampler,
  testSchedule,
} from '@tweedie/testing';
import { createTweedieRegistry } from 'tweedie';
import mine from './my-plugins.js';

// The kits of Tweedie's own plug-ins hold for plug-ins from outside too.
const registry = createTweedieRegistry(mine.plugins);

testSampler('my-sampler', () => registry.create('sampler', 'my-sampler'));
testSchedule('my-schedule', () => registry.create('schedule', 'my-schedule'), {
  variancePreserving: true,
});
testLoss('my-loss', () => registry.create('loss', 'my-loss') as Loss);
testLoss(
  'simple, my-weighting',
  () =>
    registry.create('loss', 'simple', { weighting: 'my-weighting' }) as ReturnType<
      typeof simpleLoss
    >,
);
testNetwork('my-network', () => registry.create('network', 'my-network'));
testDataset('my-data', () => registry.create('data', 'my-data'));
testOptimizer('my-optimizer', () => registry.create('optimizer', 'my-optimizer'));
testParameterization('my-parameterization', () =>
  registry.create('parameterization', 'my-parameterization'),
);
testGrid('my-grid', () => registry.create('grid', 'my-grid'));
