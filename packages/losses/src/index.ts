import * as factories from './losses.js';

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
export * from './losses.js';
export { predictionError, predictionTerms } from './prediction.js';
export {
  drawScoreLevels,
  levelOptions,
  noisedData,
  type ScoreLevels,
  scoreNetwork,
} from './score-network.js';
export * from './weightings/index.js';

/** All losses, for registries. */
export const losses = Object.values(factories);
