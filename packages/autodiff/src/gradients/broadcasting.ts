import { backend_util, reshape, sum, type Tensor, tile, util } from '@tensorflow/tfjs-core';

/** Sums a gradient over the axes along which its operand was broadcast. */
export function unbroadcast(gradient: Tensor, shape: number[]): Tensor {
  const axes = backend_util.getReductionAxes(shape, gradient.shape);
  const reduced = axes.length > 0 ? sum(gradient, axes) : gradient;
  return reshape(reduced, shape);
}

/**
 * Repeats a reduced tensor along the axes of `shape` that were reduced away, one run of neighbouring
 * axes at a time, so that no tensor has more than three axes (some backends tile no more than four).
 */
export function spread(reduced: Tensor, shape: number[], axis: number | number[]): Tensor {
  const axes = util.parseAxisParam(axis, shape);
  let result = reduced;
  let outer = 1;
  for (let at = 0; at < shape.length; at++) {
    if (!axes.includes(at)) {
      outer *= shape[at]!;
      continue;
    }
    let extent = shape[at]!;
    while (axes.includes(at + 1)) extent *= shape[++at]!;
    const inner = util.sizeFromShape(
      shape.slice(at + 1).filter((_, i) => !axes.includes(at + 1 + i)),
    );
    result = tile(reshape(result, [outer, 1, inner]), [1, extent, 1]);
    outer *= extent;
  }
  return reshape(result, shape);
}
