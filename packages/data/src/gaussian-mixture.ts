import { defineFactory, type GaussianComponent, numbers, TweedieError } from '@tweedie/core';
import { mixtureDataset } from './mixture-dataset.js';
import { symmetricEigen } from './symmetric-eigen.js';

/**
 * A mixture of K Gaussians in D dimensions. D follows from the lengths of the lists, which hold one
 * component after the other.
 *
 * @example
 * const data = gaussianMixture({
 *   weights: [0.8, 0.2],
 *   means: [5, 5, -5, -5],
 *   standardDeviations: [1],
 * });
 * data.mixture.at({ alpha: 1, sigma: 2 }).score([0, 0]);
 */
export const gaussianMixture = defineFactory({
  owner: 'data',
  id: 'gaussian-mixture',
  doc: 'Gaussians with given weights, means and spreads; density and score are exact',
  options: {
    weights: numbers({ default: [1, 1], doc: 'relative weight of each component' }),
    means: numbers({ default: [1, 1, -1, -1], doc: 'means, one after the other: K·D numbers' }),
    standardDeviations: numbers({
      default: [0.25],
      doc: 'standard deviation of each component, or one for all',
    }),
    covariances: numbers({
      default: null,
      doc: 'full covariances in place of standard deviations: K·D·D numbers, row by row',
    }),
  },
  create({ weights, means, standardDeviations, covariances }) {
    const count = weights.length;
    const dimension = means.length / count;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    demand(count > 0 && weights.every((weight) => weight > 0), {
      given: `weights is [${weights.join(', ')}]`,
      allowed: 'numbers above 0, at least one',
    });
    demand(Number.isInteger(dimension) && dimension > 0, {
      given: `there are ${count} weights and ${means.length} numbers in means`,
      allowed: 'D numbers for each weight',
    });
    const spreads =
      covariances === null
        ? isotropic(standardDeviations, count, dimension)
        : correlated(covariances, count, dimension);
    return mixtureDataset(
      spreads.map((spread, k) => ({
        weight: weights[k]! / total,
        mean: means.slice(k * dimension, (k + 1) * dimension),
        ...spread,
      })),
    );
  },
});

type Spread = Pick<GaussianComponent, 'variances' | 'axes'>;

function isotropic(
  standardDeviations: readonly number[],
  count: number,
  dimension: number,
): readonly Spread[] {
  const given = standardDeviations.length;
  demand((given === 1 || given === count) && standardDeviations.every((value) => value > 0), {
    given: `standardDeviations is [${standardDeviations.join(', ')}]`,
    allowed: `one number above 0, or ${count} of them`,
  });
  return Array.from({ length: count }, (_, k) => {
    const variance = standardDeviations[given === 1 ? 0 : k]! ** 2;
    return { variances: new Array<number>(dimension).fill(variance) };
  });
}

function correlated(
  covariances: readonly number[],
  count: number,
  dimension: number,
): readonly Spread[] {
  demand(covariances.length === count * dimension ** 2, {
    given: `there are ${covariances.length} numbers in covariances`,
    allowed: `${count} matrices of ${dimension} × ${dimension}`,
  });
  return Array.from({ length: count }, (_, k) => {
    const matrix = Array.from({ length: dimension }, (_, i) => {
      const start = (k * dimension + i) * dimension;
      return covariances.slice(start, start + dimension);
    });
    const what = {
      given: `covariance ${k} is [${matrix.map((row) => row.join(', ')).join('; ')}]`,
      allowed: 'symmetric positive definite matrices',
    };
    demand(
      matrix.every((row, i) => row.every((value, j) => value === matrix[j]![i])),
      what,
    );
    const { values, vectors } = symmetricEigen(matrix);
    demand(
      values.every((value) => value > 0),
      what,
    );
    return { variances: values, axes: vectors };
  });
}

function demand(holds: boolean, what: { given: string; allowed: string }): void {
  if (holds) return;
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'data',
    given: `gaussian-mixture: ${what.given}`,
    allowed: what.allowed,
  });
}
