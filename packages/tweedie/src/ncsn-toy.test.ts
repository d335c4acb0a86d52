// The experiments of Song & Ermon (2019), section 3, with learned scores: figures 2 and 3.

import { setBackend } from '@tensorflow/tfjs-core';
import { toHost, toTensor } from '@tweedie/autodiff';
import {
  type Backend,
  createRng,
  type FloatArray,
  type GaussianMixture,
  hostArray,
  type Level,
  type Loss,
  levelAt,
  type Model,
  noisePrediction,
  type Schedule,
  scorePrediction,
} from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import { createDenoiser, type DisposableDenoiser } from '@tweedie/denoisers';
import { denoisingScoreMatching, slicedScoreMatching } from '@tweedie/losses';
import { errorByDensity, modeWeights, regularGrid, squaredScoreErrors } from '@tweedie/metrics';
import { mlp } from '@tweedie/networks';
import { annealedLangevin, runSampler, scoreOf } from '@tweedie/samplers';
import { fullGrid, geometric } from '@tweedie/schedules';
import { train } from '@tweedie/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backends.js';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend('onnx');
  await setBackend(backend.tensorBackend);
});
afterAll(() => backend.dispose());

const data = ncsnMixture();
const modes = [
  [5, 5],
  [-5, -5],
];

/** Trains a score network on the mixture and gives its denoiser. */
async function learn(model: Model, loss: Loss, steps: number): Promise<DisposableDenoiser> {
  const options = {
    steps,
    batchSize: 512,
    learningRate: 2e-3,
    decay: 'cosine',
    emaDecay: 0.99,
    clipNorm: 5,
  } as const;
  const training = train({ model, loss, data, backend, options });
  try {
    for await (const _ of training);
    return createDenoiser({ model, params: await training.weights('ema'), backend });
  } finally {
    await training.dispose();
  }
}

describe('annealed Langevin dynamics with a learned score', () => {
  const schedule = geometric({ steps: 10, sigmaMin: 1, sigmaMax: 20 });
  const network = mlp({ widths: [128, 128], activation: 'softplus', timeEmbedding: 'raw' });
  const model: Model = {
    network,
    parameterization: noisePrediction({ conditionOn: 'logSigma' }),
    schedule,
  };

  it.each([
    ['denoising score matching', denoisingScoreMatching()],
    ['SSM-VR', slicedScoreMatching({ noise: 'schedule' })],
  ] as const)('%s gets the weight of the mode of 0.8 right', async (_name, loss) => {
    const denoiser = await learn(model, loss, 1500);
    const count = 1280;
    const start = toTensor(createRng(1).uniform([count, 2], -8, 8));
    const sampler = annealedLangevin({ stepSize: 0.1, denoise: false, checkFinite: false });
    const end = await runSampler(sampler, denoiser, start, fullGrid(schedule), {
      rng: createRng(2),
    });
    const { weights } = modeWeights((await toHost(end)) as FloatArray, modes);
    for (const tensor of [start, end]) tensor.dispose();
    await denoiser.dispose();
    // The share of 1,280 independent samples has a standard error of 0.011; the rest is the score's.
    expect(Math.abs(weights[0]!.value - 0.8)).toBeLessThan(0.06);
  });
});

describe('where a learned score is wrong', () => {
  /** Squared errors of a score relative to the law's, by the density of the data, over the plane. */
  async function errors(denoiser: DisposableDenoiser, level: Level, law: GaussianMixture) {
    const grid = regularGrid([-9, -9], [9, 9], 46);
    const rows = Array.from({ length: grid.points.shape[0]! }, (_, i) => [
      ...grid.points.data.subarray(2 * i, 2 * i + 2),
    ]);
    const x = toTensor(grid.points);
    const denoised = await denoiser(x, level);
    const score = scoreOf(denoised, x, level);
    const estimated = (await toHost(score)) as FloatArray;
    for (const tensor of [x, denoised, score]) tensor.dispose();
    const exact = hostArray(
      Float32Array.from(rows.flatMap((row) => law.score(row))),
      grid.points.shape,
    );
    const logDensity = rows.map((row) => law.logDensity(row));
    const weights = logDensity.map((value) => Math.exp(value) * grid.cellVolume);
    const squared = squaredScoreErrors(estimated, exact);
    const dense = errorByDensity(logDensity, squared, { weights, quantiles: [0.05] });
    // Of the plane that holds 95 % of the data, and of the rest, each place counting alike.
    const { bands } = errorByDensity(logDensity, squared, { cuts: dense.cuts });
    return { low: bands[0]!.value, high: bands[1]!.value };
  }

  const network = mlp({ widths: [128, 128], activation: 'softplus', timeEmbedding: 'none' });
  const one = (sigma: number): Schedule => geometric({ steps: 1, sigmaMin: 0.1, sigmaMax: sigma });

  it('is where data are rare, unless noise fills the plane', async () => {
    // The score of the data themselves, by sliced score matching; the level is but its carrier.
    const plain = { network, parameterization: scorePrediction(), schedule: one(1) };
    const learned = await learn(plain, slicedScoreMatching(), 1500);
    const clean = await errors(learned, levelAt(plain.schedule, 0), data.mixture);
    await learned.dispose();
    // The error between the modes is tens of times that on them.
    expect(clean.low).toBeGreaterThan(20 * clean.high);

    // The same with noise of σ = 5, in units of 1/σ² as the scores are.
    const sigma = 5;
    const noisy = { network, parameterization: noisePrediction(), schedule: one(sigma) };
    const noised = await learn(noisy, denoisingScoreMatching(), 1500);
    const level = levelAt(noisy.schedule, 0);
    const filled = await errors(noised, level, data.mixture.at(level));
    await noised.dispose();
    expect(filled.low * sigma ** 2).toBeLessThan(clean.low / 20);
  });
});
