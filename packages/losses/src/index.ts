import { simpleLoss } from './simple.js';

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
export { simpleLoss };

/** All losses, for registries. */
export const losses = [simpleLoss] as const;
