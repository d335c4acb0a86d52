import { levelAt, noisePrediction, scorePrediction } from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import { denoisingScoreMatching, slicedScoreMatching } from '@tweedie/losses';
import { mlp } from '@tweedie/networks';
import { geometric } from '@tweedie/schedules';
import { type FigureContext, once, scaled } from './context.js';
import { planeTraining, type TrainedModel, trainModel } from './train-model.js';

/** σ₁ = 20 … σ₁₀ = 1, the levels of the NCSN paper's figures. */
const toySchedule = geometric({ steps: 10, sigmaMin: 1, sigmaMax: 20 });
/** In the order of the paper, from the largest noise down; in a schedule noise grows with t. */
export const toyLevels = Array.from({ length: 10 }, (_, i) => levelAt(toySchedule, 9 - i));

/**
 * The level at which the score of the data without noise is evaluated. Its σ is a formality: the
 * network is not conditioned on it, and the parameterization predicts the score itself.
 */
const cleanSchedule = geometric({ steps: 1, sigmaMin: 0.5, sigmaMax: 1 });
export const cleanLevel = levelAt(cleanSchedule, 0);

const width = 128;

/** The score of the NCSN paper's mixture, learned from samples by sliced score matching (SSM-VR). */
export function slicedToyModel(context: FigureContext): Promise<TrainedModel> {
  return once(context, 'sliced toy', () =>
    trainModel(context, {
      task: 'Sliced score matching',
      model: {
        network: mlp({ widths: [width, width], activation: 'softplus', timeEmbedding: 'none' }),
        parameterization: scorePrediction({}),
        schedule: cleanSchedule,
      },
      loss: slicedScoreMatching({ noise: 'none' }),
      data: ncsnMixture(),
      options: { ...planeTraining, steps: scaled(context, 3000) },
    }),
  );
}

/** The scores of the mixture under ten levels of noise, learned jointly: a small NCSN. */
export function annealedToyModel(context: FigureContext): Promise<TrainedModel> {
  return once(context, 'annealed toy', () =>
    trainModel(context, {
      task: 'Denoising score matching',
      model: {
        network: mlp({ widths: [width, width], activation: 'softplus', timeEmbedding: 'raw' }),
        parameterization: noisePrediction({ conditionOn: 'logSigma' }),
        schedule: toySchedule,
      },
      loss: denoisingScoreMatching({}),
      data: ncsnMixture(),
      options: { ...planeTraining, steps: scaled(context, 3000) },
    }),
  );
}
