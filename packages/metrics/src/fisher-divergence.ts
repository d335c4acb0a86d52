import { type FloatArray, TweedieError } from '@tweedie/core';
import { type Estimate, meanEstimate } from './estimate.js';
import { checkFinite, twoPointSets } from './point-set.js';

/**
 * ‖s(x_i) − ∇ln p(x_i)‖² of each point, without a factor ½.
 *
 * @param estimated [N, ...itemShape], s at the points
 * @param exact the same shape, ∇ln p at the points
 * @returns N numbers
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE (no points), NOT_FINITE
 */
export function squaredScoreErrors(estimated: FloatArray, exact: FloatArray): Float64Array {
  const [first, second] = twoPointSets(
    ['the estimated scores', estimated],
    ['the exact scores', exact],
    1,
  );
  if (first.count !== second.count) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'metrics',
      given: `there are ${first.count} estimated scores and ${second.count} exact ones`,
      allowed: 'scores at the same points',
    });
  }
  const { dimension } = first;
  return Float64Array.from({ length: first.count }, (_, i) => {
    let sum = 0;
    for (let at = i * dimension; at < (i + 1) * dimension; at++) {
      sum += (first.data[at]! - second.data[at]!) ** 2;
    }
    return sum;
  });
}

/**
 * The Fisher divergence E_p‖s(x) − ∇ln p(x)‖² of an estimated score s, from points drawn from p:
 * the explicit score matching objective of Hyvärinen, "Estimation of non-normalized statistical
 * models by score matching" (2005), without its factor ½. The standard error covers the sampling of
 * the points.
 *
 * @param estimated [N, ...itemShape], s at N points of p, at least 2
 * @param exact the same shape, ∇ln p at these points
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE (no points), NOT_FINITE
 */
export function fisherDivergence(estimated: FloatArray, exact: FloatArray): Estimate {
  return meanEstimate(squaredScoreErrors(estimated, exact));
}

export interface GridFisherDivergence extends Estimate {
  /** ‖s − ∇ln p‖² at each point of the grid, not weighted. */
  readonly errors: Float64Array;
  /** ∫p over the grid: the share of the distribution that the grid covers. */
  readonly mass: number;
}

/**
 * The Fisher divergence ∫p(x) ‖s(x) − ∇ln p(x)‖² dx over a regular grid, as the sum over its cells
 * (`regularGrid` gives points and cells). Nothing in it is random, so its standard error is 0; its
 * errors are the part of p outside the grid, which `mass` shows, and those of the midpoint rule. For a
 * smooth density that vanishes at the border the sum converges faster than any power of the cell width.
 *
 * @param scores s and ∇ln p at the points of the grid, [N, ...itemShape]
 * @param logDensity ln p at the points; −Infinity where p is 0
 * @param cellVolume volume of one cell
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE, NOT_FINITE
 */
export function fisherDivergenceOnGrid(
  scores: { readonly estimated: FloatArray; readonly exact: FloatArray },
  logDensity: ArrayLike<number>,
  cellVolume: number,
): GridFisherDivergence {
  const errors = squaredScoreErrors(scores.estimated, scores.exact);
  checkLogDensity(logDensity, errors.length);
  if (!(cellVolume > 0 && Number.isFinite(cellVolume))) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'metrics',
      given: `the volume of a cell is ${cellVolume}`,
      allowed: 'a finite number above 0',
    });
  }
  let value = 0;
  let mass = 0;
  errors.forEach((error, i) => {
    const share = Math.exp(logDensity[i]!) * cellVolume;
    value += share * error;
    mass += share;
  });
  return { value, standardError: 0, errors, mass };
}

/** @throws TweedieError INVALID_SHAPE for another length, NOT_FINITE for NaN or Infinity */
export function checkLogDensity(logDensity: ArrayLike<number>, count: number): void {
  if (logDensity.length !== count) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'metrics',
      given: `there are ${count} errors and ${logDensity.length} log-densities`,
      allowed: 'one log-density a point',
    });
  }
  const finite = Array.from(logDensity, (value) =>
    value === Number.NEGATIVE_INFINITY ? 0 : value,
  );
  checkFinite('the log-densities', finite, 1);
}
