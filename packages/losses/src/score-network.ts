import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import '@tweedie/autodiff';
import {
  type Batch,
  choice,
  type Level,
  type Model,
  number,
  type Params,
  type Rng,
  scoreCoefficients,
  type TensorBatch,
  type TensorDraws,
  timeRange,
} from '@tweedie/core';
import { type DrawnLevels, drawLevels } from './drawing/draw-levels.js';
import type { TimeDensity } from './drawing/draw-times.js';
import { conditioningOf, mixture, perItem, repeatItems } from './items.js';

/** Options of the losses that learn scores of noised data. */
export const levelOptions = {
  time: number({
    default: null,
    doc: "the one time of the schedule to train at; null draws from all, NCSN's joint objective",
  }),
  power: number({
    default: 2,
    doc: 'p of the weight λ(σ) = σ^p of a noise level; 2 makes levels count alike (NCSN)',
  }),
} as const;

/** The option of losses that can do without noise. */
export const noiseOption = choice(['none', 'schedule'], {
  default: 'none',
  doc: "match the data's own score, or those of noised data at the schedule's levels",
});

/** At which levels a score is learned. */
export interface ScoreLevels {
  /** 'none': the score of the data as they are; the network is conditioned on `time` (by default the first). */
  readonly noise: 'none' | 'schedule';
  /** The one time; null draws from all. */
  readonly time: number | null;
  /** p of the weight λ(σ) = σ^p of a level. */
  readonly power: number;
  /** Default: uniform. */
  readonly times?: TimeDensity | undefined;
}

/**
 * Draws a level for each item, noise where the items are noised, and the coefficients with which the
 * network's output is a score there.
 *
 * @param loss the loss that draws, for error messages
 * @throws TweedieError INVALID_SHAPE when the batch does not fit the network; INVALID_VALUE when the
 * model says nothing about the score somewhere on the schedule
 */
export function drawScoreLevels(
  loss: string,
  model: Model,
  batch: Batch,
  rng: Rng,
  { noise, time, power, times = { name: 'uniform' } }: ScoreLevels,
): DrawnLevels {
  const noised = noise === 'schedule';
  return drawLevels({
    loss,
    model,
    batch,
    rng,
    times,
    time: time ?? (noised ? undefined : timeRange(model.schedule)[0]),
    noised,
    terms: (level) => scoreTerms(model, level, { noised, power }),
    refusal: {
      saying: 'says nothing about the score',
      allowed: 'a level with noise at which the prediction has a meaning',
      fix: () =>
        'predict the score on a schedule that begins with noise, such as geometric, or set time',
    },
  });
}

/** s = scoreSkip·x + scoreOut·F(inputScale·x; time), where x = alpha·x₀ + sigma·ε. */
function scoreTerms(
  model: Model,
  level: Level,
  { noised, power }: { readonly noised: boolean; readonly power: number },
) {
  const { skip, out, in: scale, noise } = scoreCoefficients(model.parameterization, level);
  const { alpha, sigma } = level;
  return {
    ...(noised ? { alpha, sigma } : {}),
    time: noise,
    scoreSkip: skip,
    scoreOut: out,
    inputScale: scale,
    weight: noised ? sigma ** power : 1,
  };
}

/** x_t = αx₀ + σε of each item, or x₀ itself where nothing was drawn to add. */
export function noisedData({ x }: TensorBatch, draws: TensorDraws): Tensor {
  if (draws.noise === undefined) return x;
  return mixture(x, draws, { data: draws.alpha!, noise: draws.sigma! });
}

/**
 * The model as a score network, s(x) at the levels of the items.
 *
 * @param repeats how many rows of x belong to each item, one item's after the other's
 */
export function scoreNetwork(
  model: Model,
  params: Params,
  batch: TensorBatch,
  draws: TensorDraws,
  repeats = 1,
): (x: Tensor) => Tensor {
  const conditioning = conditioningOf(batch, draws, repeats);
  return (x) => {
    const of = (name: string) => perItem(repeatItems(draws[name]!, repeats), x);
    const predicted = model.network.apply(params, mul(of('inputScale'), x), conditioning);
    return add(mul(of('scoreSkip'), x), mul(of('scoreOut'), predicted));
  };
}
