/**
 * Philox4x32-10: a counter-based generator. Encrypts a 128-bit counter under a 64-bit key, so any
 * position of any stream is reached directly. Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3" (2011).
 *
 * Writes four uint32 to `out[at … at + 3]`.
 */
export function philox4x32(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
  at = 0,
): void {
  let x0 = c0 >>> 0;
  let x1 = c1 >>> 0;
  let x2 = c2 >>> 0;
  let x3 = c3 >>> 0;
  let key0 = k0 >>> 0;
  let key1 = k1 >>> 0;
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(x0, 0xd2511f53);
    const high0 = multiplyHigh(x0, 0xd251, 0x1f53);
    const low1 = Math.imul(x2, 0xcd9e8d57);
    const high1 = multiplyHigh(x2, 0xcd9e, 0x8d57);
    x0 = high1 ^ x1 ^ key0;
    x1 = low1;
    x2 = high0 ^ x3 ^ key1;
    x3 = low0;
    key0 = (key0 + 0x9e3779b9) | 0;
    key1 = (key1 + 0xbb67ae85) | 0;
  }
  out[at] = x0;
  out[at + 1] = x1;
  out[at + 2] = x2;
  out[at + 3] = x3;
}

/** The upper 32 bits of a · (bHigh·2¹⁶ + bLow), from 16-bit halves, which a double holds exactly. */
function multiplyHigh(a: number, bHigh: number, bLow: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 0x10000);
  const carry = aLow * bHigh + (middle & 0xffff);
  // `middle` can exceed 2³¹, so it is divided, not shifted.
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) | 0;
}
