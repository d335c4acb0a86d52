/** Eigenvalues of a symmetric matrix, and for each its unit eigenvector. */
export interface SymmetricEigen {
  readonly values: readonly number[];
  readonly vectors: readonly (readonly number[])[];
}

/** Convergence is quadratic: matrices of any use take fewer than ten. */
const maximalSweeps = 50;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations, to the last bits. For
 * the small matrices of mixtures: the cost is some 10·D³.
 */
export function symmetricEigen(matrix: readonly (readonly number[])[]): SymmetricEigen {
  const size = matrix.length;
  const a = matrix.map((row) => [...row]);
  const vectors = matrix.map((_, i) => matrix.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < maximalSweeps; sweep++) {
    let rotated = false;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const off = a[p]![q]!;
        if (Math.abs(off) <= 1e-17 * Math.sqrt(Math.abs(a[p]![p]! * a[q]![q]!))) continue;
        rotated = true;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * off);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const cos = 1 / Math.hypot(t, 1);
        const sin = t * cos;
        for (const row of a) rotate(row, p, q, cos, sin);
        const rowP = a[p]!;
        const rowQ = a[q]!;
        for (let j = 0; j < size; j++) {
          const [x, y] = [rowP[j]!, rowQ[j]!];
          rowP[j] = cos * x - sin * y;
          rowQ[j] = sin * x + cos * y;
        }
        // Exactly zero, so that the sweep ends.
        rowP[q] = 0;
        rowQ[p] = 0;
        for (const row of vectors) rotate(row, p, q, cos, sin);
      }
    }
    if (!rotated) break;
  }
  return {
    values: a.map((row, i) => row[i]!),
    vectors: a.map((_, i) => vectors.map((row) => row[i]!)),
  };
}

function rotate(row: number[], p: number, q: number, cos: number, sin: number): void {
  const [x, y] = [row[p]!, row[q]!];
  row[p] = cos * x - sin * y;
  row[q] = sin * x + cos * y;
}
