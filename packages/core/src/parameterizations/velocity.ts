import { defineParameterization } from '../define-parameterization.js';
import { conditionOn, timeInput } from './condition-on.js';

/**
 * F = v = αε − σx₀: D = (αx − σF)/(α² + σ²). Salimans & Ho, "Progressive distillation" (2022),
 * appendix D, here for any α and σ.
 */
export const velocityPrediction = defineParameterization({
  owner: 'core',
  id: 'velocity',
  doc: 'the network predicts v = αε − σx₀',
  source: 'Salimans & Ho 2022',
  options: { conditionOn },
  coefficients: (level, arithmetic, options) => {
    const { add, div, neg, square } = arithmetic;
    const total = add(square(level.alpha), square(level.sigma));
    return {
      skip: div(level.alpha, total),
      out: neg(div(level.sigma, total)),
      in: 1,
      noise: timeInput(options.conditionOn, level, arithmetic),
    };
  },
});
