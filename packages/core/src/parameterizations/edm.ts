import { defineParameterization } from '../define-parameterization.js';
import { choice, number } from '../options/index.js';
import { conditionOn, timeInput } from './condition-on.js';

/**
 * EDM's preconditioning on the rescaled state x/α at the noise level σ̃ = σ/α: unit variance of
 * inputs and targets at every level. Karras et al., "Elucidating the design space of
 * diffusion-based generative models" (2022), table 1. Has no meaning at α = 0.
 */
export const edmPreconditioning = defineParameterization({
  owner: 'core',
  id: 'edm',
  doc: "EDM's preconditioning: unit variance of inputs and targets at every level",
  source: 'Karras et al. 2022',
  options: {
    sigmaData: number({ default: 0.5, above: 0, doc: 'standard deviation of the data' }),
    conditionOn: choice(['quarterLogSigma', ...conditionOn.choices], {
      default: 'quarterLogSigma',
      doc: "the network's time input: ¼ ln(σ/α) as EDM, t, ln(α/σ) or ln σ",
    }),
  },
  coefficients: (level, arithmetic, { sigmaData, conditionOn }) => {
    const { div, hypot, log, mul, square } = arithmetic;
    const ratio = div(level.sigma, level.alpha);
    const total = hypot(ratio, sigmaData);
    return {
      skip: div(square(div(sigmaData, total)), level.alpha),
      out: div(mul(ratio, sigmaData), total),
      in: div(1, mul(level.alpha, total)),
      noise:
        conditionOn === 'quarterLogSigma'
          ? div(log(ratio), 4)
          : timeInput(conditionOn, level, arithmetic),
    };
  },
});
