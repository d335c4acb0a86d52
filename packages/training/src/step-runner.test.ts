import { setBackend } from '@tensorflow/tfjs-core';
import { disposeTree, expectNoLeak } from '@tweedie/autodiff';
import { type Backend, createRng, resolveOptions } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { data, loss, model } from './gaussian-denoising.fixture.js';
import { adamw } from './optimizers/index.js';
import { createStepRunner, type StepMetrics } from './step-runner.js';
import { createStepSource } from './step-source.js';
import { backend, scanning } from './train.testing.js';
import { createTrainedLayout } from './trained-layout.js';
import { trainingOptions } from './training-options.js';
import { createTrainingStep } from './training-step.js';
import { freshVectors, tensorsToVectors, vectorsToTensors } from './training-vectors.js';

const optimizer = adamw({ weightDecay: 0.1 });
const options = resolveOptions('training', trainingOptions, { batchSize: 4, learningRate: 0.1 });
const start = { network: model.network.init(createRng(1)) };
const layout = createTrainedLayout(start);
const step = createTrainingStep({ model, loss, optimizer, layout, clipNorm: 1 });
const inputs = createStepSource({
  model,
  loss,
  data,
  optimizer,
  options,
  rng: createRng(2),
}).take(1, 4);

/** The state and the metrics after all four steps, in runs of so many. */
async function after(scans: Backend, lengths: readonly number[]) {
  await setBackend(scans.tensorBackend);
  const runner = createStepRunner({ backend: scans, step, decayMask: layout.decayMask() });
  let state = vectorsToTensors(freshVectors(layout, start, optimizer));
  const metrics: StepMetrics[] = [];
  for (const length of lengths) {
    const run = await runner.run(state, inputs.slice(metrics.length, metrics.length + length));
    disposeTree(state);
    state = run.state;
    metrics.push(...run.metrics);
  }
  const vectors = await tensorsToVectors(state);
  disposeTree(state);
  await runner.dispose();
  return structuredClone({ vectors, metrics });
}

describe('the runner of steps', () => {
  it('computes several in one run as it does one by one, bit for bit', async () => {
    await expectNoLeak(async () => {
      const expected = await after(backend, [1, 1, 1, 1]);
      for (const lengths of [[4], [1, 3], [2, 1, 1]]) {
        expect(await after(scanning().backend, lengths)).toEqual(expected);
      }
    });
  });

  it('says whether the backend runs several', async () => {
    const runs = (of: Backend) =>
      createStepRunner({ backend: of, step, decayMask: layout.decayMask() }).runsSeveral;
    expect([runs(backend), runs(scanning().backend)]).toEqual([false, true]);
  });
});
