import { toHost, toTensor } from '@tweedie/autodiff';
import { cpuBackend } from '@tweedie/backend-eager';
import { createRng, levelAt, velocityPrediction } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { createDenoiser, exactDenoiser } from '@tweedie/denoisers';
import { simpleLoss } from '@tweedie/losses';
import { mlp } from '@tweedie/networks';
import { vp } from '@tweedie/schedules';
import { expect, it } from 'vitest';
import { train } from './train.js';

it('brings a network close to the exact denoiser of a Gaussian mixture', async () => {
  const data = gaussianMixture({
    weights: [0.7, 0.3],
    means: [1.5, 0, -1.5, 0],
    standardDeviations: [0.3],
  });
  const model = {
    network: mlp({ features: 2, widths: [48, 48], timeEmbedding: 'raw' }),
    parameterization: velocityPrediction({ conditionOn: 'halfLogSnr' }),
    schedule: vp(),
  };
  const training = train({
    model,
    loss: simpleLoss(),
    data,
    backend: cpuBackend(),
    options: { steps: 400, batchSize: 128, learningRate: 1e-2, decay: 'cosine', emaDecay: 0.99 },
  });
  /** Mean square distance to the exact denoiser, against that of the mean of the data. */
  const unexplained = async () => {
    const denoiser = createDenoiser({ model, params: await training.weights('ema') });
    const rng = createRng(1);
    let error = 0;
    let variance = 0;
    for (const t of [0.1, 0.3, 0.5]) {
      const level = levelAt(model.schedule, t);
      const { x: noisy } = data.mixture.at(level).sample(rng.fork(t), 500);
      const x = toTensor(noisy);
      const [learned, exact] = [await denoiser(x, level), exactDenoiser(data.mixture)(x, level)];
      const [a, b] = [(await toHost(learned)).data, (await toHost(exact)).data];
      const mean = [0.6, 0];
      b.forEach((value, i) => {
        error += (a[i]! - value) ** 2;
        variance += (value - mean[i % 2]!) ** 2;
      });
      for (const tensor of [x, learned, exact]) tensor.dispose();
    }
    await denoiser.dispose();
    return error / variance;
  };
  expect(await unexplained()).toBeGreaterThan(0.2);
  for await (const { loss } of training) expect(loss).toBeGreaterThan(0);
  expect(await unexplained()).toBeLessThan(0.03);
  await training.dispose();
});
