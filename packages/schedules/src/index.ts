import * as factories from './schedules.js';

export {
  adviseNcsn,
  bestRelativeStep,
  langevinVarianceRatio,
  type NcsnAdvice,
  type NcsnAdviceOptions,
  noiseOverlap,
  noiseRatio,
} from './advice/ncsn-advice.js';
export {
  largestPairwiseDistance,
  type PairwiseDistanceOptions,
} from './advice/pairwise-distance.js';
export * from './grids/index.js';
export * from './schedules.js';

/** All schedules, for registries. */
export const schedules = Object.values(factories);
