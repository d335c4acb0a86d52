import { div } from '@tensorflow/tfjs-core';
import { type Dataset, floats, hostArray, type Optimizer } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { data, model } from './gaussian-denoising.fixture.js';
import { train } from './train.js';
import { failure, finalState, problem, runSteps, withNoise } from './train.testing.js';

describe('what stops a training run', () => {
  const options = { steps: 6, batchSize: 4, learningRate: 0.1 };

  it.each([
    ['NaN', Number.NaN],
    ['an infinity', Number.POSITIVE_INFINITY],
    ['an overflow', 1e30],
  ])('%s in the loss, with the state before that step', async (_what, factor) => {
    const training = train({ ...problem, loss: withNoise(4, factor), options });
    const error = await failure(() => runSteps(training));
    expect(error.code).toBe('NOT_FINITE');
    expect(error.message).toMatch(/at step 4 the loss is (NaN|Infinity)/);
    expect(error.message).toContain('Fix: lower learningRate (0.1), set clipNorm (1 is usual)');
    expect(training.step).toBe(3);

    const good = train({ ...problem, options: { ...options, steps: 3 } });
    await runSteps(good);
    const { params } = await good.snapshot();
    expect((await training.snapshot()).params).toEqual(params);
    await good.dispose();
    await training.dispose();
  });

  it('parameters that overflow, which no snapshot takes', async () => {
    const wild: Optimizer = {
      name: 'wild',
      config: {},
      slots: [],
      scalars: () => ({}),
      update: ({ params }) => ({ params: div(params, 0), slots: {} }),
    };
    const training = train({ ...problem, optimizer: wild, options });
    await runSteps(training, 1);
    const error = await failure(() => training.snapshot());
    expect(error.code).toBe('NOT_FINITE');
    expect(error.message).toContain("after step 1 the vector 'params' holds");
    await training.dispose();
  });

  const labelled = { ...model, network: { ...model.network, classes: 3 } };
  const withLabels = (label: number, classes = 3): Dataset => ({
    ...data,
    classes,
    batch(rng, step, batchSize) {
      const labels = Array<number>(batchSize).fill(0);
      if (step === 2) labels[1] = label;
      // What a data set in JavaScript may give.
      const held = (label > 2 ** 31 ? labels : Int32Array.from(labels)) as Int32Array;
      const own = Number.isInteger(label) ? held : (labels as unknown as Int32Array);
      return { ...data.batch(rng, step, batchSize), label: { data: own, shape: [batchSize] } };
    },
  });

  it.each([3, -1, 0.5, 3e9, Number.NaN])('a label of %d, of three classes', async (label) => {
    const training = train({ ...problem, model: labelled, data: withLabels(label), options });
    const error = await failure(() => runSteps(training));
    expect(error.code).toBe('INVALID_VALUE');
    expect(error.message).toBe(
      `[training] the label of item 1 of the batch of step 3 from data '${data.name}' is ${label}, and network 'affine' has 3 classes. Allowed: whole numbers from 0 to 2. Fix: mend the labels, or make the network with as many classes as the data has.`,
    );
    await training.dispose();
  });

  it('data of more classes than the network has, or without labels, before any step', async () => {
    const start = (given: Dataset) => () => train({ ...problem, model: labelled, data: given });
    expect((await failure(start(withLabels(0, 4)))).message).toContain(
      "network 'affine' has 3 classes and data 'gaussian' has 4. Allowed: data with labels of at most as many classes as the network has. Fix: make the network with 4 classes.",
    );
    expect((await failure(start({ ...data, classes: 0 }))).message).toContain('has no labels');
    expect(start(withLabels(0, 2))).not.toThrow();
  });

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.NEGATIVE_INFINITY],
  ])('%s in the data, by item and step', async (text, value) => {
    const bad: Dataset = {
      ...data,
      batch(rng, step, batchSize) {
        const batch = data.batch(rng, step, batchSize);
        if (step === 2) batch.x.data[3] = value;
        return batch;
      },
    };
    const training = train({ ...problem, data: bad, options });
    const error = await failure(() => runSteps(training));
    expect(error.code).toBe('NOT_FINITE');
    expect(error.message).toContain("item 3 of the batch of step 3 from data 'gaussian' holds");
    expect(error.message).toContain(text);
    expect(training.step).toBe(2);
    await training.dispose();
  });

  it('batches of another shape', async () => {
    const flat: Dataset = { ...data, batch: () => ({ x: floats([1, 2, 3, 4]) }) };
    const training = train({ ...problem, data: flat, options });
    expect((await failure(() => runSteps(training))).message).toContain(
      "the batch of step 1 from data 'gaussian' has the shape [4]. Allowed: [4, 1]",
    );
    await training.dispose();
    const unlabelled: Dataset = {
      ...data,
      batch: (...args) => ({
        ...data.batch(...args),
        label: hostArray(new Int32Array(3), [3]),
      }),
    };
    const second = train({ ...problem, data: unlabelled, options });
    expect((await failure(() => runSteps(second))).message).toContain('have the shape [3]');
    await second.dispose();
  });

  it('data of other items, options out of range, snapshots of other runs: before anything runs', async () => {
    const wide: Dataset = { ...data, itemShape: [2] };
    expect((await failure(() => train({ ...problem, data: wide }))).message).toContain(
      "network 'affine' takes items of shape [1] and data 'gaussian' has [2]",
    );
    const batchSize = await failure(() => train({ ...problem, options: { batchSize: 0 } }));
    expect(batchSize.message).toBe(
      '[training] batchSize is 0. Allowed: a whole number at least 1.',
    );
    const misspelt = await failure(() => train({ ...problem, options: { learningrate: 1 } }));
    expect(misspelt.message).toContain("Did you mean 'learningRate'");

    const state = await finalState({ ...problem, options });
    const seed = await failure(() =>
      train({ ...problem, options: { ...options, seed: 1 }, initial: state }),
    );
    expect(seed.message).toContain('made with another seed than 1');
    const { shift: _, ...params } = state.params;
    const missing = await failure(() =>
      train({ ...problem, options, initial: { ...state, params } }),
    );
    expect(missing.code).toBe('INVALID_SHAPE');
    const slots = Object.fromEntries([...Object.entries(state.slots), ['__proto__', params]]);
    const polluted = await failure(() =>
      train({ ...problem, options, initial: { ...state, slots } }),
    );
    expect(polluted.message).toContain(
      "the snapshot holds the optimizer's vectors '__proto__, mean, variance', and adamw keeps",
    );
    expect(missing.message).toContain("'shift' is missing");
  });
});
