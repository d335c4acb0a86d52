import { cpuBackend } from '@tweedie/backend-eager';
import { onnxBackend } from '@tweedie/backend-onnx';
import { type Backend, noisePrediction } from '@tweedie/core';
import { eightGaussians } from '@tweedie/data';
import { simpleLoss } from '@tweedie/losses';
import { mlp } from '@tweedie/networks';
import { linear } from '@tweedie/schedules';
import { type TrainingRequest, train } from '@tweedie/training';
import { expect, it } from 'vitest';

const schedule = linear();
const data = eightGaussians();
const model = {
  network: mlp({ features: 2, widths: [32, 32], timeEmbedding: 'raw', timeScale: 0.001 }),
  schedule,
  parameterization: noisePrediction(),
};

async function losses(backend: Backend, stepsPerRun: number | null, steps = 500) {
  const request: TrainingRequest = {
    model,
    loss: simpleLoss(),
    data,
    backend,
    options: { steps, batchSize: 128, learningRate: 3e-3, stepsPerRun },
  };
  const training = train(request);
  const curve: number[] = [];
  for await (const { loss } of training) curve.push(loss);
  const { params } = await training.snapshot();
  await training.dispose();
  await backend.dispose();
  return { curve, params };
}

it('500 steps of training, compiled and eager, lose alike', async () => {
  const eager = await losses(cpuBackend(), null);
  const compiled = await losses(onnxBackend({ threads: 1 }), null);
  const first = eager.curve.slice(0, 50).reduce((a, b) => a + b) / 50;
  const last = eager.curve.slice(-50).reduce((a, b) => a + b) / 50;
  expect(last).toBeLessThan(0.75 * first);
  const gaps = eager.curve.map((loss, i) => Math.abs(compiled.curve[i]! / loss - 1));
  // Single precision keeps 6e-8 of each sum; Adam's steps of one size whatever the gradient's let
  // the differences grow, a thousandfold over so many steps.
  expect(Math.max(...gaps.slice(0, 50))).toBeLessThan(1e-5);
  expect(Math.max(...gaps)).toBeLessThan(1e-3);
});

it('training in runs of several steps is training step by step, bit for bit', async () => {
  const single = await losses(onnxBackend({ threads: 2 }), 1, 70);
  const several = await losses(onnxBackend({ threads: 2 }), 16, 70);
  expect(several.curve).toEqual(single.curve);
  expect(several.params).toEqual(single.params);
});
