/**
 * Unbiased estimate of E⟨φ̃(X), φ̃(X')⟩² = E k(1,2)² − 2 E k(1,2) k(1,3) + E k(1,2) k(3,4), where
 * different numbers are different points.
 *
 * @param rows Σ_j k(i, j) over j ≠ i, for each point i
 * @param squares Σ k(i, j)² over i ≠ j
 */
export function secondOrderWithin(rows: Float64Array, squares: number): number {
  const m = rows.length;
  const total = sum(rows);
  const rowSquares = sumOfSquares(rows);
  const pairs = m * (m - 1);
  const triples = pairs * (m - 2);
  const quadruples = triples * (m - 3);
  return (
    squares / pairs -
    (2 * (rowSquares - squares)) / triples +
    (total * total - 4 * rowSquares + 2 * squares) / quadruples
  );
}

/**
 * Unbiased estimate of E⟨φ̃(X), φ̃(Y)⟩².
 *
 * @param rows Σ_j k(x_i, y_j) for each i
 * @param columns Σ_i k(x_i, y_j) for each j
 * @param squares Σ k(x_i, y_j)²
 */
export function secondOrderAcross(
  rows: Float64Array,
  columns: Float64Array,
  squares: number,
): number {
  const [m, n] = [rows.length, columns.length];
  const total = sum(rows);
  const [rowSquares, columnSquares] = [sumOfSquares(rows), sumOfSquares(columns)];
  return (
    squares / (m * n) -
    (rowSquares - squares) / (m * n * (n - 1)) -
    (columnSquares - squares) / (n * m * (m - 1)) +
    (total * total - rowSquares - columnSquares + squares) / (m * (m - 1) * n * (n - 1))
  );
}

export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function sumOfSquares(values: Float64Array): number {
  return values.reduce((total, value) => total + value * value, 0);
}

export function variance(values: Float64Array): number {
  const mean = sum(values) / values.length;
  return values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
}
