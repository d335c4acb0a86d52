import { denoisingScoreMatching } from './denoising.js';
import { explicitScoreMatching } from './explicit.js';
import { implicitScoreMatching } from './implicit.js';
import { simpleLoss } from './simple.js';
import { slicedScoreMatching } from './sliced.js';

export {
  dataWeighting,
  edmWeighting,
  minSnrWeighting,
  noiseWeighting,
  p2Weighting,
  softMinSnrWeighting,
  truncatedSnrWeighting,
  velocityWeighting,
  type Weighting,
} from './weightings.js';
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
