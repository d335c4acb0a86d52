import { defineParameterization } from '../define-parameterization.js';
import { conditionOn, timeInput } from './condition-on.js';

/** F = ε: D = (x − σF)/α. Ho et al. (2020). Has no meaning at α = 0. */
export const noisePrediction = defineParameterization({
  owner: 'core',
  id: 'noise',
  doc: 'the network predicts the noise ε',
  source: 'Ho et al. 2020',
  options: { conditionOn },
  coefficients: (level, arithmetic, options) => {
    const { div, neg } = arithmetic;
    return {
      skip: div(1, level.alpha),
      out: neg(div(level.sigma, level.alpha)),
      in: 1,
      noise: timeInput(options.conditionOn, level, arithmetic),
    };
  },
});
