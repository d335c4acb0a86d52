/** The values that an array may take, to be told apart by a byte. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** value ≈ (byte − zero) · scale */
export interface ByteScale {
  readonly scale: number;
  /** 0 … 255; zero itself is exact, as padding must be. */
  readonly zero: number;
}

/** The scale of unsigned bytes that reaches over a range and over zero. */
export function byteScale({ low, high }: Range): ByteScale {
  const bottom = Math.min(low, 0);
  const top = Math.max(high, 0);
  // An array of zeros has any scale.
  const scale = Math.fround((top - bottom) / 255) || 1;
  return { scale, zero: Math.round(Math.abs(bottom) / scale) };
}

/** The least range that holds two others. */
export const union = (a: Range, b: Range): Range => ({
  low: Math.min(a.low, b.low),
  high: Math.max(a.high, b.high),
});
