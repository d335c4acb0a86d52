import type { Tensor } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import { type FloatArray, hostArray, type Rng, sizeOf } from '@tweedie/core';

/** The same stream, which remembers the normal numbers that were drawn. */
export function recording(rng: Rng): { readonly recorder: Rng; taken(): FloatArray[] } {
  let drawn: FloatArray[] = [];
  return {
    recorder: {
      ...rng,
      normal(shape) {
        const numbers = rng.normal(shape);
        drawn.push(numbers);
        return numbers;
      },
    },
    taken() {
      const all = drawn;
      drawn = [];
      return all;
    },
  };
}

/** `count` arrays in one, padded with zeros; without a count the only one. */
export function stacked(
  arrays: readonly FloatArray[],
  shape: readonly number[],
  count?: number,
): Tensor {
  const size = sizeOf(shape);
  const all = new Float32Array((count ?? 1) * size);
  arrays.forEach(({ data }, i) => {
    all.set(data, i * size);
  });
  return toTensor(hostArray(all, count === undefined ? shape : [count, ...shape]));
}
