import { defineParameterization } from '../define-parameterization.js';
import { conditionOn, timeInput } from './condition-on.js';

/** F = x₀: D = F. */
export const dataPrediction = defineParameterization({
  owner: 'core',
  id: 'data',
  doc: 'the network predicts the data x₀',
  options: { conditionOn },
  coefficients: (level, arithmetic, options) => ({
    skip: 0,
    out: 1,
    in: 1,
    noise: timeInput(options.conditionOn, level, arithmetic),
  }),
});
