import {
  add,
  expandDims,
  mul,
  reshape,
  type Scalar,
  sum,
  type Tensor,
  type Tensor1D,
  tile,
} from '@tensorflow/tfjs-core';
import '@tweedie/autodiff';
import {
  type Batch,
  choice,
  type Draws,
  floats,
  type Level,
  levelAt,
  type Model,
  number,
  type Params,
  type Rng,
  scoreCoefficients,
  type TensorBatch,
  type TensorDraws,
  TweedieError,
  timeRange,
} from '@tweedie/core';
import { checkBatch } from './check-batch.js';
import { drawTimes, type TimeSampling } from './draw-times.js';
import { drawDropout, dropoutOf } from './dropout-draws.js';

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
export interface LevelChoice {
  /** 'none': the score of the data as they are, told the level `time` (by default the first). */
  readonly noise: 'none' | 'schedule';
  readonly time: number | null;
  readonly power: number;
  readonly times?: TimeSampling;
}

/** The draws that say at which level each item stands, and what the levels are in float64. */
export interface DrawnLevels {
  readonly levels: readonly Level[];
  readonly draws: Draws;
}

/**
 * Draws a level for each item, noise where the items are noised, and the coefficients with which the
 * network's output is a score there.
 *
 * @throws TweedieError INVALID_SHAPE when the batch does not fit the network; INVALID_VALUE when the
 * model says nothing of the score somewhere on the schedule
 */
export function drawLevels(
  id: string,
  model: Model,
  batch: Batch,
  rng: Rng,
  { noise, time, power, times = 'uniform' }: LevelChoice,
): DrawnLevels {
  const count = checkBatch(id, model, batch);
  const { schedule } = model;
  const fixed = time ?? (noise === 'none' ? timeRange(schedule)[0] : undefined);
  const weightAt = ({ sigma }: Level) => (noise === 'none' ? 1 : sigma ** power);
  for (const t of fixed === undefined ? timeRange(schedule) : [fixed]) {
    checkLevel(id, model, levelAt(schedule, t), weightAt);
  }
  const drawn =
    fixed === undefined
      ? drawTimes(schedule, count, rng, times)
      : new Float64Array(count).fill(fixed);
  const levels = Array.from(drawn, (t) => levelAt(schedule, t));
  const coefficients = levels.map((level) => scoreCoefficients(model.parameterization, level));
  const noised: Draws =
    noise === 'none'
      ? {}
      : {
          noise: rng.normal(batch.x.shape),
          alpha: floats(levels.map(({ alpha }) => alpha)),
          sigma: floats(levels.map(({ sigma }) => sigma)),
        };
  return {
    levels,
    draws: {
      ...noised,
      time: floats(coefficients.map((item) => item.noise)),
      scoreSkip: floats(coefficients.map((item) => item.skip)),
      scoreOut: floats(coefficients.map((item) => item.out)),
      inputScale: floats(coefficients.map((item) => item.in)),
      weight: floats(levels.map(weightAt)),
      ...drawDropout(model, count, rng),
    },
  };
}

function checkLevel(
  id: string,
  { parameterization, schedule }: Model,
  level: Level,
  weightAt: (level: Level) => number,
): void {
  const values = { ...scoreCoefficients(parameterization, level), weight: weightAt(level) };
  const bad = Object.entries(values).find(([, value]) => !Number.isFinite(value));
  if (bad === undefined) return;
  const { t, alpha, sigma } = level;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'losses',
    given: `${id}: ${parameterization.name} prediction on schedule ${schedule.name} says nothing of the score at t = ${t} (α = ${alpha}, σ = ${sigma}): ${bad[0]} is ${bad[1]}`,
    allowed: 'a level with noise at which the prediction has a meaning',
    fix: 'predict the score on a schedule that begins with noise, such as geometric, or set time',
  });
}

/** x_t = αx₀ + σε of each item, or x₀ itself where nothing was drawn to add. */
export function noisedData({ x }: TensorBatch, draws: TensorDraws): Tensor {
  if (draws.noise === undefined) return x;
  return add(mul(perItem(draws.alpha!, x), x), mul(perItem(draws.sigma!, x), draws.noise));
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
  const rows = (tensor: Tensor) => repeatItems(tensor, repeats);
  const time = rows(draws.time!) as Tensor1D;
  const label = batch.label && (rows(batch.label) as Tensor1D);
  const masks = dropoutOf(draws);
  const dropout =
    masks && Object.fromEntries(Object.entries(masks).map(([name, mask]) => [name, rows(mask)]));
  return (x) => {
    const of = (name: string) => perItem(rows(draws[name]!), x);
    const predicted = model.network.apply(params, mul(of('inputScale'), x), {
      time,
      label,
      dropout,
    });
    return add(mul(of('scoreSkip'), x), mul(of('scoreOut'), predicted));
  };
}

/** A number for each item, [B], in the shape in which it multiplies x. */
export function perItem(values: Tensor, x: Tensor): Tensor {
  return reshape(values, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);
}

/** Each item `repeats` times in a row: [B, …] ↦ [B·repeats, …]. */
export function repeatItems(tensor: Tensor, repeats: number): Tensor {
  if (repeats === 1) return tensor;
  const [count, ...itemShape] = tensor.shape as [number, ...number[]];
  const copies = tile(expandDims(tensor, 1), [1, repeats, ...itemShape.map(() => 1)]);
  return reshape(copies, [count * repeats, ...itemShape]);
}

/** Sum over everything but the items: [B, …] ↦ [B]. */
export function sumItems(tensor: Tensor): Tensor1D {
  return sum(reshape(tensor, [tensor.shape[0]!, -1]), 1);
}

/** Mean over the items of weight·value; each item may have several rows of values. */
export function weightedMean(values: Tensor1D, weight: Tensor): Scalar {
  const repeats = values.shape[0] / weight.shape[0]!;
  const total = sum(mul(values, repeatItems(weight, repeats)));
  return mul(total, 1 / values.shape[0]) as Scalar;
}
