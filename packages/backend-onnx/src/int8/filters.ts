/** Filters in int8, one scale for each output channel. */
export interface QuantizedFilter {
  /** [K, C, R, S] */
  readonly data: Int8Array;
  /** filter ≈ data · scale: [K] */
  readonly scales: Float32Array;
}

const GREATEST = 127;

/**
 * Rounds a filter [K, C, R, S] to int8, symmetric about zero, with the finest scale of each output
 * channel at which two conditions hold: no weight leaves ±127, and neighbours of one sign stay
 * within 127 together. Processors without VNNI multiply uint8 by int8 in pairs and clip
 * the sum of a pair to 16 bits (VPMADDUBSW); 255 · 128 fits, so that every processor finds the same.
 * Usual remedies are 7 bits for all weights; here only channels pay that have large neighbours.
 *
 * Neighbours are those of the order [R, S, C], in which ONNX Runtime lays filters out, in either
 * pairing.
 */
export function quantizeFilter(filter: Float32Array, shape: readonly number[]): QuantizedFilter {
  const [outputs, inputs, rows, columns] = shape as [number, number, number, number];
  const pixels = rows * columns;
  const size = inputs * pixels;
  const data = new Int8Array(filter.length);
  const scales = new Float32Array(outputs);
  for (let k = 0; k < outputs; k++) {
    const channel = filter.subarray(k * size, (k + 1) * size);
    let greatest = 0;
    let before = 0;
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let c = 0; c < inputs; c++) {
        const weight = channel[c * pixels + pixel]!;
        const together = weight * before > 0 ? Math.abs(weight + before) : Math.abs(weight);
        greatest = Math.max(greatest, together);
        before = weight;
      }
    }
    // A channel of zeros has any scale.
    const scale = Math.fround(greatest / GREATEST) || 1;
    scales[k] = scale;
    for (let i = 0; i < size; i++) data[k * size + i] = Math.round(channel[i]! / scale);
  }
  return { data, scales };
}
