import { defineParameterization } from '../define-parameterization.js';
import { conditionOn, timeInput } from './condition-on.js';

/** F = ∇log p_t(x): D = (x + σ²F)/α, Tweedie's formula. Has no meaning at α = 0. */
export const scorePrediction = defineParameterization({
  owner: 'core',
  id: 'score',
  doc: 'the network predicts the score ∇log p(x)',
  source: 'Song & Ermon 2019',
  options: { conditionOn },
  coefficients: (level, arithmetic, options) => {
    const { div, square } = arithmetic;
    return {
      skip: div(1, level.alpha),
      out: div(square(level.sigma), level.alpha),
      in: 1,
      noise: timeInput(options.conditionOn, level, arithmetic),
    };
  },
});
