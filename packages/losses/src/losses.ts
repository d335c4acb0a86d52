// A line each: what is exported here is exported by the package and listed in `losses`.
export { denoisingScoreMatching } from './denoising.js';
export { explicitScoreMatching } from './explicit.js';
export { implicitScoreMatching } from './implicit.js';
export { simpleLoss } from './simple.js';
export { slicedScoreMatching } from './sliced.js';
