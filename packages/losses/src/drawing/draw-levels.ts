import {
  type Batch,
  type Draws,
  floats,
  type Level,
  levelAt,
  type Model,
  type Rng,
  TweedieError,
  timeRange,
} from '@tweedie/core';
import { checkBatch } from './check-batch.js';
import { drawTimes, type TimeDensity } from './draw-times.js';
import { drawDropout } from './dropout-draws.js';

export interface DrawLevelsRequest {
  /** The loss that draws, for error messages. */
  readonly loss: string;
  readonly model: Model;
  readonly batch: Batch;
  readonly rng: Rng;
  /** How times are drawn. */
  readonly times: TimeDensity;
  /** The one time of all items, where none is drawn. */
  readonly time?: number | undefined;
  /** false where the data stay as they are, without noise; default true. */
  readonly noised?: boolean | undefined;
  /**
   * What an item at this level contributes, by name, in float64: coefficients of its network's input
   * and target, its weight. Each becomes an array of the draws.
   */
  terms(level: Level): Readonly<Record<string, number>>;
  /** What is said of a level at which a term is not finite. */
  readonly refusal?: Partial<Refusal> | undefined;
}

interface Refusal {
  /** What follows 'noise prediction on schedule linear' and comes before 'at t = …'. */
  readonly saying: string;
  readonly allowed: string;
  readonly fix: (level: Level) => string;
}

/** The level of each item, and the draws of a batch. */
export interface DrawnLevels {
  readonly levels: readonly Level[];
  /**
   * Each of the terms as [B]; `noise` ε, of x's shape, where items are noised; the dropout masks of a
   * network that has them.
   */
  readonly draws: Draws;
}

/**
 * Draws what every loss over noise levels draws: a level for each item, its noise, and dropout masks.
 * The numbers that go into tensors are computed here in float64, so that no precision is lost where a
 * coefficient is small. Item i's draws depend on (rng, i) only.
 *
 * @throws TweedieError INVALID_SHAPE when the batch does not fit the network; INVALID_VALUE when a
 * term is not finite at an end of the schedule, or at the one time
 */
export function drawLevels(request: DrawLevelsRequest): DrawnLevels {
  const { model, batch, rng, time, noised = true, terms } = request;
  const { schedule } = model;
  const count = checkBatch(request.loss, model, batch);
  for (const t of time === undefined ? timeRange(schedule) : [time]) {
    checkTerms(request, levelAt(schedule, t));
  }
  const times =
    time === undefined
      ? drawTimes(schedule, count, rng, request.times)
      : new Float64Array(count).fill(time);
  const levels = Array.from(times, (t) => levelAt(schedule, t));
  const noise = noised ? { noise: rng.normal(batch.x.shape) } : {};
  const ofItems = levels.map(terms);
  const columns = Object.keys(ofItems[0]!).map((name) => [
    name,
    floats(ofItems.map((item) => item[name]!)),
  ]);
  return {
    levels,
    draws: { ...noise, ...Object.fromEntries(columns), ...drawDropout(model, count, rng) },
  };
}

function checkTerms({ loss, model, terms, refusal = {} }: DrawLevelsRequest, level: Level): void {
  const bad = Object.entries(terms(level)).find(([, value]) => !Number.isFinite(value));
  if (bad === undefined) return;
  const { t, alpha, sigma } = level;
  const { parameterization, schedule } = model;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'losses',
    given: `${loss}: ${parameterization.name} prediction on schedule ${schedule.name} ${refusal.saying ?? 'has no meaning'} at t = ${t} (α = ${alpha}, σ = ${sigma}): ${bad[0]} is ${bad[1]}`,
    allowed:
      refusal.allowed ??
      'a prediction and a weighting that are finite at every time of the schedule',
    fix: (refusal.fix ?? fixPrediction)(level),
  });
}

function fixPrediction({ alpha }: Level): string {
  return alpha === 0
    ? 'predict velocity or data, conditioned on time, or do not rescale to zero terminal SNR'
    : 'begin the schedule at a level with noise';
}
