import { denoisingScoreMatching } from './denoising.js';
import { explicitScoreMatching } from './explicit.js';
import { implicitScoreMatching } from './implicit.js';
import { simpleLoss } from './simple.js';
import { slicedScoreMatching } from './sliced.js';

export {
  type DrawLevelsRequest,
  type DrawnLevels,
  drawLevels,
} from './drawing/draw-levels.js';
export { drawTimes, type TimeDensity, timesOption } from './drawing/draw-times.js';
export {
  conditioningOf,
  mixture,
  perItem,
  repeatItems,
  sumItems,
  weightedMean,
} from './items.js';
export { predictionError, predictionTerms } from './prediction.js';
export { drawScoreLevels, noisedData, type ScoreLevels, scoreNetwork } from './score-network.js';
export * from './weightings/index.js';
export {
  denoisingScoreMatching,
  explicitScoreMatching,
  implicitScoreMatching,
  simpleLoss,
  slicedScoreMatching,
};

/** All losses, for registries. */
export const losses = [
  simpleLoss,
  explicitScoreMatching,
  implicitScoreMatching,
  slicedScoreMatching,
  denoisingScoreMatching,
] as const;
