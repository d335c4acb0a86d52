/**
 * The Fréchet distance between two Gaussians fitted to sets of features (Heusel et al., "GANs trained
 * by a two time-scale update rule converge to a local Nash equilibrium", 2017, equation 6):
 * |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½).
 */
export function frechetDistance(a, b) {
  const root = squareRoot(a.covariance);
  const between = product(product(root, b.covariance), root);
  const shift = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]) ** 2, 0);
  const traces = a.covariance.reduce((sum, row, i) => sum + row[i] + b.covariance[i][i], 0);
  // tr (Σ₁Σ₂)^½ is the sum of the roots of the eigenvalues of Σ₁^½ Σ₂ Σ₁^½, which is symmetric.
  const cross = eigen(between).values.reduce(
    (sum, value) => sum + Math.sqrt(Math.max(0, value)),
    0,
  );
  return shift + traces - 2 * cross;
}

/** Mean and covariance of the rows [n][d] of features. */
export function moments(rows) {
  const count = rows.length;
  const size = rows[0].length;
  const mean = Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (const row of rows) sum += row[i];
    return sum / count;
  });
  const covariance = Array.from({ length: size }, () => new Array(size).fill(0));
  for (const row of rows) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) covariance[i][j] += (row[i] - mean[i]) * (row[j] - mean[j]);
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      covariance[i][j] /= count - 1;
      covariance[j][i] = covariance[i][j];
    }
  }
  return { mean, covariance };
}

const product = (a, b) =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));

function squareRoot(matrix) {
  const { values, vectors } = eigen(matrix);
  const roots = values.map((value) => Math.sqrt(Math.max(0, value)));
  return matrix.map((_, i) =>
    matrix.map((_, j) =>
      roots.reduce((sum, root, k) => sum + vectors[i][k] * root * vectors[j][k], 0),
    ),
  );
}

/** Eigenvalues and, in columns, eigenvectors of a symmetric matrix, by Jacobi's rotations. */
export function eigen(matrix) {
  const size = matrix.length;
  const a = matrix.map((row) => [...row]);
  const vectors = matrix.map((_, i) => matrix.map((_, j) => Number(i === j)));
  const scale = Math.max(...a.flat().map(Math.abs), Number.MIN_VALUE);
  for (let sweep = 0; sweep < 60; sweep++) {
    let rest = 0;
    for (let p = 0; p < size; p++)
      for (let q = 0; q < p; q++) rest = Math.max(rest, Math.abs(a[p][q]));
    if (rest <= 1e-14 * scale) break;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < size; k++) {
          const [x, y] = [a[k][p], a[k][q]];
          a[k][p] = c * x - s * y;
          a[k][q] = s * x + c * y;
        }
        for (let k = 0; k < size; k++) {
          const [x, y] = [a[p][k], a[q][k]];
          a[p][k] = c * x - s * y;
          a[q][k] = s * x + c * y;
          const [v, w] = [vectors[k][p], vectors[k][q]];
          vectors[k][p] = c * v - s * w;
          vectors[k][q] = s * v + c * w;
        }
      }
    }
  }
  return { values: a.map((row, i) => row[i]), vectors };
}
