import type { Coefficients, Level, Parameterization } from './contracts/index.js';
import { halfLogSnr } from './gaussian.js';
import { choice, number, type OptionSpecs } from './options.js';
import { defineFactory } from './registry.js';

const conditionOn = choice(['time', 'halfLogSnr', 'logSigma'], {
  default: 'time',
  doc: 'what the network is told of the noise level: t, ln(α/σ) or ln σ',
});
const options = { conditionOn } satisfies OptionSpecs;

function noiseInput(kind: 'time' | 'halfLogSnr' | 'logSigma', level: Level): number {
  if (kind === 'time') return level.t;
  return kind === 'halfLogSnr' ? halfLogSnr(level) : Math.log(level.sigma);
}

function row(
  id: string,
  doc: string,
  scales: (level: Level) => { skip: number; out: number; in: number },
) {
  return defineFactory({
    owner: 'core',
    id,
    doc,
    options,
    create: (resolved): Pick<Parameterization, 'coefficients'> => ({
      coefficients: (level): Coefficients => ({
        ...scales(level),
        noise: noiseInput(resolved.conditionOn, level),
      }),
    }),
  });
}

/** F = ε: D = (x − σF)/α. Ho et al. (2020). Has no meaning at α = 0. */
export const noisePrediction = row('noise', 'the network predicts the noise ε', (level) => ({
  skip: 1 / level.alpha,
  out: -level.sigma / level.alpha,
  in: 1,
}));

/** F = x₀: D = F. */
export const dataPrediction = row('data', 'the network predicts the data x₀', () => ({
  skip: 0,
  out: 1,
  in: 1,
}));

/**
 * F = v = αε − σx₀: D = (αx − σF)/(α² + σ²). Salimans & Ho, "Progressive distillation" (2022),
 * appendix D, here for any α and σ.
 */
export const velocityPrediction = row('velocity', 'the network predicts v = αε − σx₀', (level) => {
  const square = level.alpha ** 2 + level.sigma ** 2;
  return { skip: level.alpha / square, out: -level.sigma / square, in: 1 };
});

/** F = ∇log p_t(x): D = (x + σ²F)/α, Tweedie's formula. Has no meaning at α = 0. */
export const scorePrediction = row(
  'score',
  'the network predicts the score ∇log p(x)',
  (level) => ({
    skip: 1 / level.alpha,
    out: level.sigma ** 2 / level.alpha,
    in: 1,
  }),
);

/**
 * EDM's preconditioning on the rescaled state x/α at the noise level σ̃ = σ/α: unit variance of
 * inputs and targets at every level. Karras et al., "Elucidating the design space of
 * diffusion-based generative models" (2022), table 1. Has no meaning at α = 0.
 */
export const edmPreconditioning = defineFactory({
  owner: 'core',
  id: 'edm',
  doc: "EDM's preconditioning: unit variance of inputs and targets at every level",
  options: {
    sigmaData: number({ default: 0.5, above: 0, doc: 'standard deviation of the data' }),
    conditionOn: choice(['quarterLogSigma', 'time', 'halfLogSnr', 'logSigma'], {
      default: 'quarterLogSigma',
      doc: 'what the network is told of the noise level: ¼ ln(σ/α) as EDM, t, ln(α/σ) or ln σ',
    }),
  },
  create: ({ sigmaData, conditionOn }): Pick<Parameterization, 'coefficients'> => ({
    coefficients(level) {
      const ratio = level.sigma / level.alpha;
      const total = Math.hypot(ratio, sigmaData);
      return {
        skip: (sigmaData / total) ** 2 / level.alpha,
        out: (ratio * sigmaData) / total,
        in: 1 / (level.alpha * total),
        noise:
          conditionOn === 'quarterLogSigma' ? Math.log(ratio) / 4 : noiseInput(conditionOn, level),
      };
    },
  }),
});

/** All parameterizations, for registries. */
export const parameterizations = [
  noisePrediction,
  dataPrediction,
  velocityPrediction,
  scorePrediction,
  edmPreconditioning,
] as const;

/**
 * The regression target of F, as a combination of data and noise: the F with
 * c_skip x_t + c_out F = x₀ is `data`·x₀ + `noise`·ε. In float64, so that no precision is lost
 * where c_out is small.
 */
export function targetCoefficients(
  parameterization: Parameterization,
  level: Level,
): { readonly data: number; readonly noise: number } {
  const { skip, out } = parameterization.coefficients(level);
  return { data: (1 - skip * level.alpha) / out, noise: (-skip * level.sigma) / out };
}

/**
 * What the network says of the score, ∇ ln p_t(x) = (αD − x)/σ² by Tweedie's formula, as the
 * coefficients of s(x) = `skip`·x + `out`·F(`in`·x; `noise`). With score prediction s is F itself.
 * Not finite at σ = 0, nor where the parameterization has no meaning.
 */
export function scoreCoefficients(parameterization: Parameterization, level: Level): Coefficients {
  const { skip, out, in: scale, noise } = parameterization.coefficients(level);
  const precision = level.sigma ** -2;
  return {
    skip: (level.alpha * skip - 1) * precision,
    out: level.alpha * out * precision,
    in: scale,
    noise,
  };
}
