import { add, matMul, mean, square, sub } from '@tensorflow/tfjs-core';
import {
  type Dataset,
  dataPrediction,
  floats,
  hostArray,
  type Loss,
  type Model,
  type Schedule,
} from '@tweedie/core';

/**
 * A problem with a known answer, for tests: points of N(1.5, 2²) on the line, seen through noise of
 * standard deviation 1, denoised by x ↦ scale·x + shift. The best denoiser is the posterior mean,
 * scale = 4/(4 + 1) and shift = 1.5/(4 + 1), with the mean square error 4/(4 + 1).
 */
export const optimum = { scale: 0.8, shift: 0.3, loss: 0.8 };

const noisy: Schedule = {
  name: 'one-level',
  config: {},
  time: { kind: 'discrete', steps: 1 },
  alpha: () => 1,
  sigma: () => 1,
};

export const model: Model = {
  network: {
    name: 'affine',
    config: {},
    itemShape: [1],
    init: (rng) => ({ scale: rng.normal([1, 1]), shift: floats([0]) }),
    apply: (params, x) => add(matMul(x as never, params.scale as never), params.shift!),
  },
  parameterization: dataPrediction(),
  schedule: noisy,
};

export const loss: Loss = {
  name: 'one-level',
  config: {},
  draw: (_model, batch, rng) => ({ noise: rng.normal(batch.x.shape) }),
  value({ network }, params, { x }, draws) {
    const denoised = network.apply(params, add(x, draws.noise!), { time: undefined as never });
    return mean(square(sub(denoised, x)));
  },
};

export const data: Dataset = {
  name: 'gaussian',
  config: {},
  itemShape: [1],
  size: Number.POSITIVE_INFINITY,
  classes: 0,
  batch(rng, step, batchSize) {
    const { data: normal } = rng.fork(step).normal([batchSize, 1]);
    return {
      x: hostArray(
        normal.map((value) => 1.5 + 2 * value),
        [batchSize, 1],
      ),
    };
  },
};
