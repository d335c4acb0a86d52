import type { Estimate } from './estimate.js';
import { type PointSet, squaredDistance } from './point-set.js';
import { secondOrderAcross, secondOrderWithin, sum, variance } from './second-order.js';

/** The variance averages over four different points, so a set must have as many. */
export const minPoints = 4;

/** Writes the values of all kernels at a squared distance to `out`. */
type Fill = (squaredDistance: number, out: Float64Array) => void;

/**
 * E k(X, X') + E k(Y, Y') − 2 E k(X, Y) by U-statistics, without bias (Gretton et al., "A kernel
 * two-sample test", 2012, eq. 3), for several kernels in one pass over the pairs and in memory that
 * grows with the number of points only.
 *
 * The variance follows from Hoeffding's decomposition, which holds for any symmetric kernel. With
 * φ̃ the centred feature of a point and δ the difference of the mean features,
 *
 *   Var = 4/m Var⟨φ̃(X), δ⟩ + 4/n Var⟨φ̃(Y), δ⟩ + 2 S_XX/(m(m − 1)) + 2 S_YY/(n(n − 1)) + 4 S_XY/(mn)
 *
 * where S_XY = E⟨φ̃(X), φ̃(Y)⟩². For equal distributions only the last three terms remain, and the
 * usual first-order formula gives 0. Sutherland & Deka, "Unbiased estimators for the variance of MMD
 * estimators" (2019) do the same for m = n. Each S is estimated without bias; the sample variances of
 * the first two terms exceed theirs by S_XX/m + S_XY/n, which is subtracted, so the relative bias that
 * remains is of order 1/m. For nearly equal distributions the first two terms are mostly noise and may
 * be negative: the sum is clamped to at least half of the last three.
 *
 * @param width number of kernels
 */
export function kernelDiscrepancies(
  x: PointSet,
  y: PointSet,
  width: number,
  fill: Fill,
): Estimate[] {
  const within = [pairsWithin(x, width, fill), pairsWithin(y, width, fill)] as const;
  const across = pairsAcross(x, y, width, fill);
  return Array.from({ length: width }, (_, k) => combine(within, across, x.count, y.count, k));
}

/** Sums of kernel values over pairs of points, of which those within a set are i ≠ j. */
interface PairSums {
  /** Σ_j of kernel k at (i, j), at [k · points + i]. */
  readonly rows: Float64Array;
  /** Σ_i of kernel k at (i, j), at [k · points + j]. */
  readonly columns: Float64Array;
  /** Σ of the squares of kernel k, at [k]. */
  readonly squares: Float64Array;
}

function pairsWithin(x: PointSet, width: number, fill: Fill): PairSums {
  const rows = new Float64Array(width * x.count);
  const squares = new Float64Array(width);
  const out = new Float64Array(width);
  for (let i = 0; i < x.count; i++) {
    for (let j = 0; j < i; j++) {
      fill(squaredDistance(x, i, x, j), out);
      for (let k = 0; k < width; k++) {
        const value = out[k]!;
        rows[k * x.count + i]! += value;
        rows[k * x.count + j]! += value;
        squares[k]! += 2 * value * value;
      }
    }
  }
  return { rows, columns: rows, squares };
}

function pairsAcross(x: PointSet, y: PointSet, width: number, fill: Fill): PairSums {
  const rows = new Float64Array(width * x.count);
  const columns = new Float64Array(width * y.count);
  const squares = new Float64Array(width);
  const out = new Float64Array(width);
  for (let i = 0; i < x.count; i++) {
    for (let j = 0; j < y.count; j++) {
      fill(squaredDistance(x, i, y, j), out);
      for (let k = 0; k < width; k++) {
        const value = out[k]!;
        rows[k * x.count + i]! += value;
        columns[k * y.count + j]! += value;
        squares[k]! += value * value;
      }
    }
  }
  return { rows, columns, squares };
}

function combine(
  [xx, yy]: readonly [PairSums, PairSums],
  xy: PairSums,
  m: number,
  n: number,
  k: number,
): Estimate {
  const rowsX = xx.rows.subarray(k * m, (k + 1) * m);
  const rowsY = yy.rows.subarray(k * n, (k + 1) * n);
  const crossX = xy.rows.subarray(k * m, (k + 1) * m);
  const crossY = xy.columns.subarray(k * n, (k + 1) * n);
  const value =
    sum(rowsX) / (m * (m - 1)) + sum(rowsY) / (n * (n - 1)) - (2 * sum(crossX)) / (m * n);

  const spreadX = secondOrderWithin(rowsX, xx.squares[k]!);
  const spreadY = secondOrderWithin(rowsY, yy.squares[k]!);
  const spreadXY = secondOrderAcross(crossX, crossY, xy.squares[k]!);
  const alongX = variance(rowsX.map((row, i) => row / (m - 1) - crossX[i]! / n));
  const alongY = variance(rowsY.map((row, j) => row / (n - 1) - crossY[j]! / m));
  const first =
    (4 / m) * (alongX - spreadX / (m - 1) - spreadXY / n) +
    (4 / n) * (alongY - spreadY / (n - 1) - spreadXY / m);
  const second =
    (2 * spreadX) / (m * (m - 1)) + (2 * spreadY) / (n * (n - 1)) + (4 * spreadXY) / (m * n);
  return { value, standardError: Math.sqrt(Math.max(0, first + second, 0.5 * second)) };
}
