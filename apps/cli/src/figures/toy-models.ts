import { levelAt, noisePrediction, scorePrediction } from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import { denoisingScoreMatching, slicedScoreMatching } from '@tweedie/losses';
import { mlp } from '@tweedie/networks';
import { geometric } from '@tweedie/schedules';
import { type Bench, type Learned, learn, once, scaled } from './bench.js';

/** σ₁ = 20 … σ₁₀ = 1, the levels of the NCSN paper's figures. */
const toySchedule = geometric({ steps: 10, sigmaMin: 1, sigmaMax: 20 });
/** They count from the largest noise in the paper; in a schedule noise grows with t. */
export const toyLevels = Array.from({ length: 10 }, (_, i) => levelAt(toySchedule, 9 - i));

/** A score without noise levels stands at a level of σ = 1, which the network is not told. */
const plainSchedule = geometric({ steps: 1, sigmaMin: 0.5, sigmaMax: 1 });
export const plainLevel = levelAt(plainSchedule, 0);

const optimizer = {
  batchSize: 512,
  learningRate: 2e-3,
  decay: 'cosine',
  clipNorm: 5,
  emaDecay: 0.99,
};
const width = 128;

/** The score of the NCSN paper's mixture, learned from its points alone by SSM-VR. */
export function slicedToy(bench: Bench): Promise<Learned> {
  return once(bench, 'sliced toy', () =>
    learn(bench, {
      what: 'Sliced score matching',
      model: {
        network: mlp({ widths: [width, width], activation: 'softplus', timeEmbedding: 'none' }),
        parameterization: scorePrediction({}),
        schedule: plainSchedule,
      },
      loss: slicedScoreMatching({ noise: 'none' }),
      data: ncsnMixture(),
      options: { ...optimizer, steps: scaled(bench, 3000) },
    }),
  );
}

/** The scores of the mixture under ten levels of noise, learned jointly: a small NCSN. */
export function annealedToy(bench: Bench): Promise<Learned> {
  return once(bench, 'annealed toy', () =>
    learn(bench, {
      what: 'Denoising score matching',
      model: {
        network: mlp({ widths: [width, width], activation: 'softplus', timeEmbedding: 'raw' }),
        parameterization: noisePrediction({ conditionOn: 'logSigma' }),
        schedule: toySchedule,
      },
      loss: denoisingScoreMatching({}),
      data: ncsnMixture(),
      options: { ...optimizer, steps: scaled(bench, 3000) },
    }),
  );
}
