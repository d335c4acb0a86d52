import { expect, test } from 'vitest';
import { eigen, frechetDistance, moments } from './frechet.mjs';

const gaussian = (mean, covariance) => ({ mean, covariance });

test('covariances that commute: the distance of means and of standard deviations', () => {
  const a = gaussian(
    [0, 1],
    [
      [4, 0],
      [0, 9],
    ],
  );
  const b = gaussian(
    [2, 1],
    [
      [1, 0],
      [0, 16],
    ],
  );
  // 2² + (2 − 1)² + (3 − 4)²
  expect(frechetDistance(a, b)).toBeCloseTo(6, 10);
  expect(frechetDistance(a, a)).toBeCloseTo(0, 10);
});

test('turned together, two Gaussians keep their distance', () => {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const turned = ([x, y]) => [c * x - s * y, s * x + c * y];
  // R D Rᵀ of D = diag(d, e)
  const spread = (d, e) => [
    [c * c * d + s * s * e, c * s * (d - e)],
    [c * s * (d - e), s * s * d + c * c * e],
  ];
  const a = gaussian(turned([0, 1]), spread(4, 9));
  const b = gaussian(turned([2, 1]), spread(1, 16));
  expect(frechetDistance(a, b)).toBeCloseTo(6, 10);
});

test('covariances that do not commute: two by two the root of the product has a closed trace', () => {
  const a = [
    [2, 1],
    [1, 3],
  ];
  const b = [
    [5, -1],
    [-1, 1],
  ];
  // tr M^½ = √(tr M + 2√det M) of a 2 × 2 matrix with positive eigenvalues.
  const trace = 2 * 5 + 1 * -1 + (1 * -1 + 3 * 1);
  const det = (2 * 3 - 1) * (5 * 1 - 1);
  const expected = 2 + 3 + 5 + 1 - 2 * Math.sqrt(trace + 2 * Math.sqrt(det));
  expect(frechetDistance(gaussian([0, 0], a), gaussian([0, 0], b))).toBeCloseTo(expected, 10);
});

test('eigenvalues and eigenvectors put the matrix together', () => {
  const matrix = [
    [2, -1, 0.5],
    [-1, 3, 0.25],
    [0.5, 0.25, -1],
  ];
  const { values, vectors } = eigen(matrix);
  const again = matrix.map((_, i) =>
    matrix.map((_, j) => values.reduce((sum, v, k) => sum + vectors[i][k] * v * vectors[j][k], 0)),
  );
  matrix.flat().forEach((value, i) => {
    expect(again.flat()[i]).toBeCloseTo(value, 12);
  });
});

test('moments are the mean and the unbiased covariance', () => {
  expect(
    moments([
      [1, 0],
      [3, 4],
    ]),
  ).toEqual({
    mean: [2, 2],
    covariance: [
      [2, 4],
      [4, 8],
    ],
  });
});
