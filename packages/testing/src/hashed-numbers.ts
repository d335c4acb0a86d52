/** Numbers of the golden networks that are not stored, since each side can make them. */

/** A parameter's dotted name and its shape. */
export type NamedShape = readonly [name: string, shape: readonly number[]];

/** What a gradient is compared with: its Euclidean norm and its dot products with hashed vectors. */
export interface GradientSummary {
  readonly norm: number;
  readonly projections: readonly number[];
}

export const inputStream = 100_000;
export const weightingStream = 100_001;
const projectionStream = 200_000;
const projections = 3;

/** Numbers in [−1, 1) on a grid of 2⁻²³, each a hash of (stream, element). */
export function hashed(stream: number, count: number): Float32Array {
  const streamWord = Math.imul(stream + 1, 0x9e3779b1);
  return Float32Array.from({ length: count }, (_, element) => {
    let h = streamWord ^ Math.imul(element + 1, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    h ^= h >>> 16;
    return (h >>> 8) * 2 ** -23 - 1;
  });
}

export function summary([norm, ...dots]: readonly number[]): GradientSummary {
  return { norm: norm!, projections: dots };
}

/** Dot products of a gradient with the vectors of its parameter, or of 'x'. */
export function projectionsOf(
  parameters: readonly NamedShape[],
  name: string,
  gradient: Float32Array,
): number[] {
  const found = parameters.findIndex(([parameter]) => parameter === name);
  const index = name === 'x' ? parameters.length : found;
  return Array.from({ length: projections }, (_, k) => {
    const direction = hashed(projectionStream + projections * index + k, gradient.length);
    return gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
  });
}
