import {
  add,
  mean,
  mul,
  reshape,
  type Scalar,
  square,
  sub,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';
import '@tweedie/autodiff';
import {
  type Batch,
  choice,
  defineFactory,
  floats,
  type IntArray,
  integer,
  ints,
  type Level,
  type Loss,
  levelAt,
  type Model,
  number,
  type Rng,
  TweedieError,
  targetCoefficients,
  timeRange,
} from '@tweedie/core';
import { checkBatch } from './check-batch.js';
import { drawTimes } from './draw-times.js';
import { drawDropout, dropoutOf } from './dropout-draws.js';
import {
  dataWeighting,
  edmWeighting,
  minSnrWeighting,
  noiseWeighting,
  p2Weighting,
  softMinSnrWeighting,
  truncatedSnrWeighting,
  velocityWeighting,
  type Weighting,
} from './weightings.js';

interface WeightingOptions {
  readonly gamma: number | null;
  readonly p2Offset: number;
  readonly sigmaData: number;
}

const weightings = {
  noise: () => noiseWeighting,
  data: () => dataWeighting,
  velocity: () => velocityWeighting,
  truncatedSnr: () => truncatedSnrWeighting,
  minSnr: ({ gamma }: WeightingOptions) => minSnrWeighting(gamma ?? undefined),
  softMinSnr: ({ gamma }: WeightingOptions) => softMinSnrWeighting(gamma ?? undefined),
  edm: ({ sigmaData }: WeightingOptions) => edmWeighting(sigmaData),
  p2: ({ gamma, p2Offset }: WeightingOptions) => p2Weighting(gamma ?? undefined, p2Offset),
};

/**
 * The denoising objective of DDPM and its relatives, for any schedule and any parameterization:
 * x_t = αx₀ + σε, and the error of the network's prediction F against its target, weighted by level.
 * Ho et al. (2020), eq. 14; in the general form Kingma & Gao, "Understanding diffusion objectives"
 * (2023). The weighting is one of the data's error, so it means the same whatever the network
 * predicts: 'noise' is L_simple.
 *
 * `draw` throws INVALID_SHAPE when the batch does not fit the network and INVALID_VALUE when the
 * parameterization or the weighting has no meaning somewhere on the schedule (noise prediction at
 * α = 0).
 */
export const simpleLoss = defineFactory({
  owner: 'losses',
  id: 'simple',
  doc: 'error of the denoised data at random noise levels (L_simple of DDPM)',
  source: 'Ho et al. 2020',
  options: {
    weighting: choice(Object.keys(weightings) as (keyof typeof weightings)[], {
      default: 'noise',
      doc: 'which levels count how much; noise is L_simple',
    }),
    gamma: number({ default: null, above: 0, doc: 'γ of minSnr (5), softMinSnr (4) and p2 (1)' }),
    p2Offset: number({ default: 1, above: 0, doc: 'k of p2' }),
    sigmaData: number({ default: 0.5, above: 0, doc: 'standard deviation of the data, of edm' }),
    times: choice(['uniform', 'lowDiscrepancy'], {
      default: 'uniform',
      doc: 'times drawn one by one, or spread evenly over the batch',
    }),
    labelDropout: number({
      default: 0,
      min: 0,
      max: 1,
      doc: 'share of items whose label becomes nullLabel, for classifier-free guidance',
    }),
    nullLabel: integer({ default: null, min: 0, doc: 'the label that stands for no class' }),
  },
  create: (options): Pick<Loss, 'draw' | 'value'> => {
    const { labelDropout, nullLabel } = options;
    if (labelDropout > 0 && nullLabel === null) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: 'losses',
        given: `simple: labelDropout is ${labelDropout} and nullLabel is not given`,
        allowed: 'both together',
        fix: 'pass as nullLabel a class that the data does not have: the number of its classes',
      });
    }
    const weighting = weightings[options.weighting](options);
    return {
      draw(model, batch, rng) {
        const count = checkBatch('simple', model, batch);
        for (const t of timeRange(model.schedule)) checkTerms(termsAt(model, weighting, t), t);
        const times = drawTimes(model.schedule, count, rng, options.times);
        const noise = rng.normal(batch.x.shape);
        const terms = Array.from(times, (t) => termsAt(model, weighting, t));
        const perItem = (read: (item: Terms) => number) => floats(terms.map(read));
        const dropout = drawDropout(model, count, rng);
        return {
          noise,
          time: perItem((item) => item.time),
          inputData: perItem((item) => item.inputData),
          inputNoise: perItem((item) => item.inputNoise),
          targetData: perItem((item) => item.targetData),
          targetNoise: perItem((item) => item.targetNoise),
          weight: perItem((item) => item.weight),
          ...(nullLabel !== null && labelDropout > 0
            ? { label: dropLabels(batch, rng, labelDropout, nullLabel) }
            : {}),
          ...dropout,
        };
      },
      value: ({ network }, params, batch, draws) =>
        tidy(() => {
          const { x } = batch;
          const perItem = (name: string) =>
            reshape(draws[name]!, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);
          const mix = (data: string, noise: string): Tensor =>
            add(mul(perItem(data), x), mul(perItem(noise), draws.noise!));
          const predicted = network.apply(params, mix('inputData', 'inputNoise'), {
            time: draws.time as Tensor1D,
            label: (draws.label as Tensor1D | undefined) ?? batch.label,
            dropout: dropoutOf(draws),
          });
          const error = square(sub(predicted, mix('targetData', 'targetNoise')));
          return mean(mul(perItem('weight'), error)) as Scalar;
        }),
    };
  },
});

/** What an item contributes, in float64: network input and target as mixtures of x₀ and ε. */
interface Terms extends Level {
  readonly name: string;
  readonly time: number;
  readonly inputData: number;
  readonly inputNoise: number;
  readonly targetData: number;
  readonly targetNoise: number;
  readonly weight: number;
}

function termsAt({ schedule, parameterization }: Model, weighting: Weighting, t: number): Terms {
  const level = levelAt(schedule, t);
  const coefficients = parameterization.coefficients(level);
  const target = targetCoefficients(parameterization, level);
  return {
    ...level,
    name: `${parameterization.name} prediction on schedule ${schedule.name}`,
    time: coefficients.noise,
    inputData: coefficients.in * level.alpha,
    inputNoise: coefficients.in * level.sigma,
    targetData: target.data,
    targetNoise: target.noise,
    // D − x₀ = c_out (F − target).
    weight: weighting(level) * coefficients.out ** 2,
  };
}

function checkTerms(terms: Terms, t: number): void {
  const { name, alpha, sigma, ...values } = terms;
  const bad = Object.entries(values).find(([, value]) => !Number.isFinite(value));
  if (bad === undefined) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'losses',
    given: `simple: ${name} has no meaning at t = ${t} (α = ${alpha}, σ = ${sigma}): ${bad[0]} is ${bad[1]}`,
    allowed: 'a prediction and a weighting that are finite at every time of the schedule',
    fix:
      alpha === 0
        ? 'predict velocity or data, conditioned on time, or do not rescale to zero terminal SNR'
        : 'begin the schedule at a level with noise',
  });
}

function dropLabels({ label }: Batch, rng: Rng, share: number, nullLabel: number): IntArray {
  if (label === undefined) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'losses',
      given: 'simple: labelDropout is asked for and the data has no labels',
      allowed: 'labelDropout 0, or data with labels',
    });
  }
  const u = rng.uniform(label.shape).data;
  return ints(label.data.map((value, i) => (u[i]! < share ? nullLabel : value)));
}
