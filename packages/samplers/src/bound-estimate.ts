import {
  clipByValue,
  div,
  maximum,
  minimum,
  neg,
  type Tensor,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { number, type Options, TweedieError } from '@tweedie/core';

/** Options of samplers that keep the estimate of x₀ in the range of the data. */
export const boundOptions = {
  clip: number({ default: null, above: 0, doc: 'clip the estimate of x₀ to ± this' }),
  threshold: number({
    default: null,
    above: 0,
    max: 1,
    doc: 'dynamic thresholding at this quantile of |x₀| (Imagen: 0.995), for data in ±1',
  }),
  thresholdMax: number({
    default: null,
    above: 0,
    doc: 'dynamic thresholding divides by this at most',
  }),
} as const;

/** Keeps an estimate of x₀ in range. The estimate stays the caller's; without bounds it is returned. */
export type Bound = (estimate: Tensor) => Promise<Tensor>;

/**
 * Static clipping, or dynamic thresholding: s is the quantile of |x₀| over an item, at least 1, and
 * x₀ becomes clip(x₀, −s, s)/s. Saharia et al., "Photorealistic text-to-image diffusion models with
 * deep language understanding" (2022), section 2.3.
 *
 * @throws TweedieError INVALID_OPTION when both are asked for
 */
export function createBound(id: string, options: Options<typeof boundOptions>): Bound {
  const { clip, threshold, thresholdMax } = options;
  if (clip !== null && threshold !== null) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'samplers',
      given: `${id}: both clip and threshold are given`,
      allowed: 'one of them, or neither',
    });
  }
  if (clip !== null) return async (estimate) => clipByValue(estimate, -clip, clip);
  if (threshold === null) return async (estimate) => estimate;
  return async (estimate) => {
    const [items = 1, ...rest] = estimate.shape;
    const quantiles = itemQuantiles(await estimate.data(), items, threshold);
    const bounds = quantiles.map((value) => Math.min(Math.max(value, 1), thresholdMax ?? Infinity));
    return tidy(() => {
      const bound = tensor(bounds, [items, ...rest.map(() => 1)], 'float32');
      return div(maximum(minimum(estimate, bound), neg(bound)), bound);
    });
  };
}

/** The quantile of |values| over each item, linear between ranks as in numpy and torch. */
function itemQuantiles(values: ArrayLike<number>, items: number, quantile: number): Float32Array {
  const size = items === 0 ? 0 : values.length / items;
  return Float32Array.from({ length: items }, (_, item) => {
    const sorted = Float32Array.from({ length: size }, (_, i) =>
      Math.abs(values[item * size + i]!),
    );
    sorted.sort();
    const rank = quantile * (size - 1);
    const below = Math.floor(rank);
    const above = Math.min(below + 1, size - 1);
    return sorted[below]! + (rank - below) * (sorted[above]! - sorted[below]!);
  });
}
