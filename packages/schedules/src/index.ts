import { fromBetas } from './betas.js';
import { cosine } from './cosine.js';
import { geometric } from './geometric.js';
import { laplace } from './laplace.js';
import { linear } from './linear.js';
import { scaledLinear } from './scaled-linear.js';
import { sigmoid } from './sigmoid.js';
import { subVp } from './sub-vp.js';
import { ve } from './ve.js';
import { vp } from './vp.js';

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
