/** An estimated number, and the standard deviation of its error. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

/**
 * The mean of numbers; its standard error is √(Σ(v − mean)²/(n − 1)/n), Infinity for a single number.
 */
export function meanEstimate(values: ArrayLike<number>): Estimate {
  const count = values.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]!;
  const value = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i]! - value) ** 2;
  return {
    value,
    standardError: count > 1 ? Math.sqrt(squares / (count - 1) / count) : Number.POSITIVE_INFINITY,
  };
}

/**
 * The weighted mean Σwv/Σw of random numbers, each weight a fixed function of its draw (importance
 * weights); its standard error is that of a ratio, √(n/(n − 1) Σw²(v − mean)²)/Σw.
 */
export function weightedMeanEstimate(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
): Estimate {
  const count = values.length;
  let sum = 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    sum += weights[i]! * values[i]!;
    total += weights[i]!;
  }
  const value = sum / total;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (weights[i]! * (values[i]! - value)) ** 2;
  return {
    value,
    standardError:
      count > 1 ? Math.sqrt((squares * count) / (count - 1)) / total : Number.POSITIVE_INFINITY,
  };
}
