import { dataPrediction } from './data.js';
import { edmPreconditioning } from './edm.js';
import { noisePrediction } from './noise.js';
import { scorePrediction } from './score.js';
import { velocityPrediction } from './velocity.js';

export { conditionOn, type TimeInput, timeInput } from './condition-on.js';
export { dataPrediction, edmPreconditioning, noisePrediction, scorePrediction, velocityPrediction };

/** All parameterizations, for registries. */
export const parameterizations = [
  noisePrediction,
  dataPrediction,
  velocityPrediction,
  scorePrediction,
  edmPreconditioning,
] as const;
