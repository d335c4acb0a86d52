import { concat } from '@tensorflow/tfjs-core';
import type { Loss, Optimizer } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { adam } from './optimizers/index.js';
import { train } from './train.js';
import { failure, problem, runSteps } from './train.testing.js';

const options = { steps: 3, batchSize: 4 };

describe('faults of a plug-in are named at the first step:', () => {
  const optimizers: readonly (readonly [string, Partial<Optimizer>, RegExp])[] = [
    [
      'a slot that is not returned',
      { update: ({ params }) => ({ params: params.clone(), slots: {} }) },
      /update of the optimizer 'adam' returned no such vector as its slot 'mean'/,
    ],
    [
      'a slot that is not declared',
      {
        slots: [],
        update: ({ params }) => ({ params: params.clone(), slots: { m: params.clone() } }),
      },
      /returned a slot 'm', which its slots do not name/,
    ],
    [
      'a vector of another length',
      { slots: [], update: ({ params }) => ({ params: concat([params, params]), slots: {} }) },
      /returned no such vector as params/,
    ],
    ['nothing', { update: () => undefined as never }, /returned no such vector as params/],
    [
      'a number that is none',
      { scalars: () => ({ learningRate: Number.NaN }) },
      /scalars of the optimizer 'adam' gave learningRate = NaN/,
    ],
    ['no numbers', { scalars: () => undefined as never }, /scalars of the optimizer 'adam' gave/],
  ];
  it.each(optimizers)('%s', async (_title, fault, message) => {
    const optimizer = { ...adam(), ...fault };
    const training = train({ ...problem, optimizer, options });
    const error = await failure(() => runSteps(training));
    expect(error.code).toBe('INVALID_VALUE');
    expect(error.message).toMatch(message);
    expect(training.step).toBe(0);
    await training.dispose();
  });

  const losses: readonly (readonly [string, Partial<Loss>, RegExp])[] = [
    ['no draws', { draw: () => undefined as never }, /draw of the loss '.*' returned undefined/],
    ['numbers', { draw: () => ({ noise: [1] as never }) }, /returned something else as 'noise'/],
  ];
  it.each(losses)('%s', async (_title, fault, message) => {
    const training = train({ ...problem, loss: { ...problem.loss, ...fault }, options });
    expect((await failure(() => runSteps(training))).message).toMatch(message);
    await training.dispose();
  });
});
