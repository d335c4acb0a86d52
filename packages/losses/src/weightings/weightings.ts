// A line each: what is exported here is exported by the package and listed in `weightings`.
export { dataWeighting } from './data.js';
export { edmWeighting } from './edm.js';
export { minSnrWeighting } from './min-snr.js';
export { noiseWeighting } from './noise.js';
export { p2Weighting } from './p2.js';
export { softMinSnrWeighting } from './soft-min-snr.js';
export { truncatedSnrWeighting } from './truncated-snr.js';
export { velocityWeighting } from './velocity.js';
