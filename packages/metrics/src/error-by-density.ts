import { TweedieError } from '@tweedie/core';
import { type Estimate, weightedMeanEstimate } from './estimate.js';
import { checkLogDensity } from './fisher-divergence.js';
import { refuseOption } from './options.js';
import { checkFinite } from './point-set.js';

export interface ErrorByDensityOptions {
  /** Weight of each point; default 1. On a grid, p·cellVolume makes shares those of p. */
  readonly weights?: ArrayLike<number> | undefined;
  /**
   * Limits of the bands as shares of the weight at lower density, increasing: [0.1, 0.9] makes three
   * bands. Default [0.5], the half of low density and the half of high density.
   */
  readonly quantiles?: readonly number[] | undefined;
  /** Limits of the bands as log-densities, increasing, in place of quantiles; e.g. `cuts` of a result. */
  readonly cuts?: readonly number[] | undefined;
}

/** Mean error of the points whose log-density lies in [from, to). */
export interface DensityBand extends Estimate {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Share of the weight. */
  readonly share: number;
}

export interface ErrorByDensity {
  /** From the least to the most dense. An empty band has the value NaN. */
  readonly bands: readonly DensityBand[];
  /** The log-densities between the bands. */
  readonly cuts: readonly number[];
}

/**
 * The mean error in bands of density: a score learned from data is inaccurate where data are rare
 * (Song & Ermon 2019, section 3.2.1, Fig. 2). Each band's standard error assumes that its points are
 * independent; on a grid it has no meaning.
 *
 * @param logDensity ln p at each point; −Infinity where p is 0
 * @param errors one error a point, such as `squaredScoreErrors`
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE, NOT_FINITE, INVALID_OPTION
 */
export function errorByDensity(
  logDensity: ArrayLike<number>,
  errors: ArrayLike<number>,
  options: ErrorByDensityOptions = {},
): ErrorByDensity {
  const count = errors.length;
  checkLogDensity(logDensity, count);
  checkFinite('the errors', errors, 1);
  const weights = checkedWeights(options.weights, count);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const order = Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => logDensity[a]! - logDensity[b]! || a - b,
  );
  const cuts =
    options.cuts === undefined
      ? cutsAt(options.quantiles ?? [0.5], order, logDensity, weights, total)
      : checkedCuts(options.cuts, options.quantiles);
  const edges = [Number.NEGATIVE_INFINITY, ...cuts, Number.POSITIVE_INFINITY];
  const bands = Array.from({ length: cuts.length + 1 }, (_, k) => {
    const [from, to] = [edges[k]!, edges[k + 1]!];
    const inside = order.filter((i) => logDensity[i]! >= from && logDensity[i]! < to);
    const weight = inside.map((i) => weights[i]!);
    const estimate = weightedMeanEstimate(
      inside.map((i) => errors[i]!),
      weight,
    );
    const share = weight.reduce((sum, each) => sum + each, 0) / total;
    return { ...estimate, from, to, count: inside.length, share };
  });
  return { bands, cuts };
}

/** The log-density of the first point at which the weight below it reaches each share. */
function cutsAt(
  quantiles: readonly number[],
  order: readonly number[],
  logDensity: ArrayLike<number>,
  weights: Float64Array,
  total: number,
): number[] {
  checkIncreasing('quantiles', quantiles);
  if (!quantiles.every((quantile) => quantile > 0 && quantile < 1)) {
    refuseOption(`quantiles is [${quantiles.join(', ')}]`, 'numbers above 0 and below 1');
  }
  const cuts: number[] = [];
  let below = 0;
  for (const i of order) {
    while (cuts.length < quantiles.length && below >= quantiles[cuts.length]! * total) {
      cuts.push(logDensity[i]!);
    }
    below += weights[i]!;
  }
  const last = logDensity[order.at(-1)!]!;
  while (cuts.length < quantiles.length) cuts.push(last);
  return cuts;
}

function checkedCuts(
  cuts: readonly number[],
  quantiles: readonly number[] | undefined,
): readonly number[] {
  if (quantiles !== undefined) refuseOption('quantiles and cuts are given', 'one of them');
  checkIncreasing('cuts', cuts);
  return [...cuts];
}

function checkIncreasing(name: string, values: readonly number[]): void {
  if (values.length > 0 && values.every((value, i) => i === 0 || value > values[i - 1]!)) return;
  refuseOption(`${name} is [${values.join(', ')}]`, 'increasing numbers, at least one');
}

function checkedWeights(given: ArrayLike<number> | undefined, count: number): Float64Array {
  const weights = given === undefined ? new Float64Array(count).fill(1) : Float64Array.from(given);
  const good = weights.every((weight) => weight >= 0 && Number.isFinite(weight));
  if (weights.length === count && good && weights.some((weight) => weight > 0)) return weights;
  throw new TweedieError({
    code: weights.length === count ? 'INVALID_VALUE' : 'INVALID_SHAPE',
    package: 'metrics',
    given: good
      ? `there are ${count} errors and ${weights.length} weights, of which ${weights.filter((weight) => weight > 0).length} are above 0`
      : 'a weight is below 0, infinite or NaN',
    allowed: 'a finite number of at least 0 for each point, not all 0',
  });
}
