// Our side: the training step of @tweedie/training and the denoiser of @tweedie/denoisers, on one of
// our backends.

import { setBackend } from '@tensorflow/tfjs-core';
import { disposeTree, toHost, toTensor } from '@tweedie/autodiff';
import { hostArray } from '@tweedie/core';
import { createDenoiser } from '@tweedie/denoisers';
import {
  adamw,
  createStepRunner,
  createTrainedLayout,
  createTrainingStep,
} from '@tweedie/training';
import { createLoss, createModel } from '../plug-ins.mjs';

/**
 * @param threads as many as the backend was given
 * @param denoiserOf makes the denoiser that sampling steps are of
 */
export const createSide = (backend, { threads, packages, denoiserOf = createDenoiser }) => ({
  describe() {
    const { kind, device, details } = backend.describe();
    return {
      packages,
      threads,
      details: kind === 'eager' ? `eager, ${device}` : JSON.stringify(details),
    };
  },

  async open(workload) {
    await setBackend(backend.tensorBackend);
    const model = createModel(workload);
    const params = Object.fromEntries(workload.params);
    const layout = createTrainedLayout({ network: params });
    const parameters = layout.size;

    if (workload.kind === 'sample') {
      const denoiser = denoiserOf({ model, params, backend });
      const x = toTensor(workload.arrays.get('x'));
      return {
        parameters,
        async step() {
          const denoised = await denoiser(x, workload.level);
          denoised.dispose();
        },
        async number() {
          const denoised = await denoiser(x, workload.level);
          const { data } = await toHost(denoised);
          denoised.dispose();
          return data.reduce((sum, value) => sum + value * value, 0) / data.length;
        },
      };
    }

    const { learningRate, ...options } = workload.optimizer;
    const optimizer = adamw(options);
    const runner = createStepRunner({
      backend,
      step: createTrainingStep({
        model,
        loss: createLoss(workload),
        optimizer,
        layout,
        clipNorm: null,
        averages: workload.emaRate !== null,
      }),
      decayMask: layout.decayMask(),
    });
    const vector = (data) => toTensor(hostArray(data, [parameters]));
    const packed = () => vector(layout.pack({ network: params }));
    let state = {
      params: packed(),
      ema: packed(),
      slots: Object.fromEntries(
        optimizer.slots.map((name) => [name, vector(new Float32Array(parameters))]),
      ),
    };
    let count = 0;
    const inputs = () => {
      const which = count++ % workload.batches.length;
      return {
        batch: workload.batches[which],
        draws: workload.draws[which],
        scalars: {
          emaRate: workload.emaRate ?? 1,
          optimizer: optimizer.scalars(count, learningRate),
        },
      };
    };
    /** Computes steps in one run. @returns the loss of the last */
    const run = async (steps) => {
      const { state: next, metrics } = await runner.run(
        state,
        Array.from({ length: steps }, inputs),
      );
      disposeTree(state);
      state = next;
      return metrics.at(-1).loss;
    };
    const train = () => run(1);
    const { stepsPerRun = 1 } = workload;
    if (stepsPerRun === 1 || !runner.runsSeveral) return { parameters, step: train, number: train };
    const several = { steps: stepsPerRun, run: () => run(stepsPerRun) };
    return { parameters, step: train, number: train, several };
  },
});
