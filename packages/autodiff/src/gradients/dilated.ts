import { pad, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import { strided } from './windows.js';

// tfjs's kernels for the gradients of depthwise and of three-dimensional convolutions know no
// dilation. A dilated filter is a larger one with zeros between its elements.

/** @param filter its first axes are those that `dilations` names */
export function dilated(filter: Tensor, dilations: readonly number[]): Tensor {
  return dilations.reduce((result, step, axis) => {
    if (step === 1) return result;
    const { shape } = result;
    const count = shape[axis]!;
    const before = shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const behind = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const spread = pad(reshape(result, [before, count, 1, behind]), [
      [0, 0],
      [0, 0],
      [0, step - 1],
      [0, 0],
    ]);
    const extent = (count - 1) * step + 1;
    const whole = reshape(spread, [before, count * step, behind]);
    return reshape(slice(whole, [0, 0, 0], [before, extent, behind]), [
      ...shape.slice(0, axis),
      extent,
      ...shape.slice(axis + 1),
    ]);
  }, filter);
}

/** The elements of a large filter that belong to the dilated one. */
export function undilated(
  filter: Tensor,
  shape: readonly number[],
  dilations: readonly number[],
): Tensor {
  const steps = shape.map((_, axis) => dilations[axis] ?? 1);
  return strided(
    filter,
    shape.map(() => 0),
    shape,
    steps,
  );
}

/** The shape of a dilated filter. */
export const dilatedShape = (shape: readonly number[], dilations: readonly number[]) =>
  shape.map((extent, axis) => (extent - 1) * (dilations[axis] ?? 1) + 1);
