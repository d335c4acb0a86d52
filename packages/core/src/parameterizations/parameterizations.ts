// A line each: what is exported here is exported by the package and listed in `parameterizations`.
export { dataPrediction } from './data.js';
export { edmPreconditioning } from './edm.js';
export { noisePrediction } from './noise.js';
export { scorePrediction } from './score.js';
export { velocityPrediction } from './velocity.js';
