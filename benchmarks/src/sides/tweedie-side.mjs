// Our side: the training step of @tweedie/training and the denoiser of @tweedie/networks, on one of
// our backends.

import { scalar, setBackend } from '@tensorflow/tfjs-core';
import { createParameterLayout, disposeTree, toHost, toTensor, toTensors } from '@tweedie/autodiff';
import { hostArray } from '@tweedie/core';
import { createDenoiser } from '@tweedie/denoisers';
import { adamw, createTrainingStep, severalSteps } from '@tweedie/training';
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
    const layout = createParameterLayout(params);
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
    const one = createTrainingStep({
      model,
      loss: createLoss(workload),
      optimizer,
      layout,
      clipNorm: null,
      averages: workload.emaRate !== null,
    });
    const step = backend.compile(one);
    const vector = (data) => toTensor(hostArray(data, [parameters]));
    const packed = () => vector(layout.pack(params).data);
    let state = {
      params: packed(),
      ema: packed(),
      slots: Object.fromEntries(
        optimizer.slots.map((name) => [name, vector(new Float32Array(parameters))]),
      ),
    };
    const decayMask = vector(
      layout.pack(
        Object.fromEntries(
          Object.entries(params).map(([name, { data, shape }]) => [
            name,
            hostArray(new Float32Array(data.length).fill(shape.length >= 2 ? 1 : 0), shape),
          ]),
        ),
      ).data,
    );
    let count = 0;
    const train = async () => {
      const which = count++ % workload.batches.length;
      const scalars = Object.entries(optimizer.scalars(count, learningRate));
      const inputs = {
        batch: { x: toTensor(workload.batches[which].x) },
        draws: toTensors(workload.draws[which]),
        scalars: {
          emaRate: scalar(workload.emaRate ?? 1),
          optimizer: Object.fromEntries(scalars.map(([name, value]) => [name, scalar(value)])),
        },
      };
      const result = await step(state, inputs.batch, inputs.draws, inputs.scalars, decayMask);
      disposeTree([inputs, state]);
      state = result.state;
      const [loss] = await result.loss.data();
      disposeTree([result.loss, result.gradientNorm]);
      return loss;
    };
    const { stepsPerRun = 1 } = workload;
    if (stepsPerRun === 1 || backend.capabilities.scan === undefined) {
      return { parameters, step: train, number: train };
    }
    // As `train` of @tweedie/training does with steps that are short.
    const scanned = severalSteps(backend, one, decayMask);
    const trainSeveral = async () => {
      const inputs = Array.from({ length: stepsPerRun }, () => {
        const which = count++ % workload.batches.length;
        return {
          batch: workload.batches[which],
          draws: workload.draws[which],
          scalars: {
            emaRate: workload.emaRate ?? 1,
            optimizer: optimizer.scalars(count, learningRate),
          },
        };
      });
      const { state: next } = await scanned.run(state, inputs);
      disposeTree(state);
      state = next;
    };
    const several = { steps: stepsPerRun, run: trainSeveral };
    return { parameters, step: train, number: train, several };
  },
});
