import '@tensorflow/tfjs-backend-cpu';
import {
  abs,
  mean,
  minimum,
  mul,
  ready,
  type Scalar,
  setBackend,
  square,
  sub,
  tidy,
} from '@tensorflow/tfjs-core';
import { defineFactory, type Loss, number } from '@tweedie/core';
import { testLoss } from '@tweedie/testing';
import { beforeAll } from 'vitest';
import {
  drawLevels,
  minSnrWeighting,
  perItem,
  predictionError,
  predictionTerms,
  timesOption,
} from './index.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

// The loss of the README, from what the package exports.
const huberLoss = defineFactory({
  owner: 'mine',
  id: 'huber',
  doc: 'Huber loss of the network’s prediction',
  options: {
    threshold: number({ default: 1, above: 0, doc: 'error from which on it is linear' }),
    times: timesOption,
  },
  create: ({ threshold, times }): Pick<Loss, 'draw' | 'value'> => ({
    draw: (model, batch, rng) =>
      drawLevels({
        loss: 'huber',
        model,
        batch,
        rng,
        times,
        terms: (level) => predictionTerms(model, level, minSnrWeighting()),
      }).draws,
    value: (model, params, batch, draws) =>
      tidy(() => {
        const error = abs(predictionError(model, params, batch, draws));
        const small = minimum(error, threshold);
        const huber = sub(mul(small, error), mul(square(small), 0.5));
        return mean(mul(perItem(draws.weight!, batch.x), huber)) as Scalar;
      }),
  }),
});

testLoss('of the user', () => huberLoss({ times: 'lowDiscrepancy' }));
