import { cosine, fromBetas, laplace, linear, scaledLinear, sigmoid } from './beta-schedules.js';
import { geometric, ve } from './variance-exploding.js';
import { subVp, vp } from './variance-preserving.js';

export {
  constantGrid,
  type FinalLevel,
  fullGrid,
  gridFromTimes,
  grids,
  leadingGrid,
  linspaceGrid,
  repeatLevels,
  trailingGrid,
} from './grids.js';
export {
  adviseNcsn,
  bestRelativeStep,
  langevinVarianceRatio,
  type NcsnAdvice,
  type NcsnAdviceOptions,
  noiseOverlap,
  noiseRatio,
} from './ncsn-advice.js';
export { largestPairwiseDistance, type PairwiseDistanceOptions } from './pairwise-distance.js';
export { cosine, fromBetas, geometric, laplace, linear, scaledLinear, sigmoid, subVp, ve, vp };

/** All schedules, for registries. */
export const schedules = [
  linear,
  scaledLinear,
  cosine,
  sigmoid,
  laplace,
  fromBetas,
  vp,
  subVp,
  ve,
  geometric,
] as const;
