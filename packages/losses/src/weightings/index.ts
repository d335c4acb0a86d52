import { dataWeighting } from './data.js';
import { edmWeighting } from './edm.js';
import { minSnrWeighting } from './min-snr.js';
import { noiseWeighting } from './noise.js';
import { p2Weighting } from './p2.js';
import { softMinSnrWeighting } from './soft-min-snr.js';
import { truncatedSnrWeighting } from './truncated-snr.js';
import { velocityWeighting } from './velocity.js';

export { defineWeighting, type Weighting } from './weighting.js';
export {
  dataWeighting,
  edmWeighting,
  minSnrWeighting,
  noiseWeighting,
  p2Weighting,
  softMinSnrWeighting,
  truncatedSnrWeighting,
  velocityWeighting,
};

/** All weightings, for registries. */
export const weightings = [
  noiseWeighting,
  dataWeighting,
  velocityWeighting,
  truncatedSnrWeighting,
  minSnrWeighting,
  softMinSnrWeighting,
  edmWeighting,
  p2Weighting,
] as const;
