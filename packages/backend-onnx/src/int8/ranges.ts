/** The values that an array was seen to take. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** value ≈ (q − zeroPoint) · scale, with q of uint8. */
export interface QuantizationScale {
  readonly scale: number;
  /** 0 … 255; zero itself is exact, as padding must be. */
  readonly zeroPoint: number;
}

/** The scale at which uint8 reaches over a range and over zero. */
export function uint8Scale({ low, high }: Range): QuantizationScale {
  const bottom = Math.min(low, 0);
  const top = Math.max(high, 0);
  // An array of zeros has any scale.
  const scale = Math.fround((top - bottom) / 255) || 1;
  return { scale, zeroPoint: Math.round(Math.abs(bottom) / scale) };
}

/** The least range that holds two others. */
export const union = (a: Range, b: Range): Range => ({
  low: Math.min(a.low, b.low),
  high: Math.max(a.high, b.high),
});
