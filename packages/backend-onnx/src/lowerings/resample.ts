import type { Value } from '../ir/graph.js';
import { matMul } from '../ir/linear.js';
import { reshape } from '../ir/shape.js';
import {
  fromNchw,
  fromNchwc,
  type SymbolicTensor,
  symbolic,
  valueIn,
} from '../tensors/symbolic-tensor.js';
import { type Lowering, lowering } from './lowering.js';

/** A linear map along one axis, [outputs, inputs]. */
export interface AxisMap {
  readonly outputs: number;
  readonly inputs: number;
  readonly weights: Float32Array;
}

type Four = [number, number, number, number];

/** Images [.., H, W, n] with one map along H and another along W; n numbers stay side by side. */
function mapped(x: Value, images: number, n: number, vertical: AxisMap, horizontal: AxisMap) {
  const matrix = ({ outputs, inputs, weights }: AxisMap) =>
    x.graph.constant('float32', weights, [outputs, inputs]);
  const height = vertical.inputs;
  const width = horizontal.outputs;
  const lines = reshape(x, [images * height, horizontal.inputs, n]);
  const wide =
    n === 1
      ? matMul(reshape(x, [images * height, horizontal.inputs]), matrix(horizontal), {
          transposeB: true,
        })
      : matMul(matrix(horizontal), lines);
  return matMul(matrix(vertical), reshape(wide, [images, height, width * n]));
}

/** A linear map along the columns of an image and another along its rows, in the image's layout. */
export function resampled(
  x: SymbolicTensor,
  vertical: AxisMap,
  horizontal: AxisMap,
): SymbolicTensor {
  const [items, , , channels] = x.shape as Four;
  const [high, wide] = [vertical.outputs, horizontal.outputs];
  const value = valueIn(x, x.layout);
  switch (x.layout) {
    case 'NCHWc': {
      const [, groups, , , size] = value.shape as [number, ...Four];
      const y = mapped(value, items * groups, size, vertical, horizontal);
      return fromNchwc(reshape(y, [items, groups, high, wide, size]));
    }
    case 'NCHW': {
      const y = mapped(value, items * channels, 1, vertical, horizontal);
      return fromNchw(reshape(y, [items, channels, high, wide]));
    }
    case 'NHWC': {
      const y = mapped(value, items, channels, vertical, horizontal);
      return symbolic(reshape(y, [items, high, wide, channels]));
    }
  }
}

export const resampleLowerings: readonly Lowering[] = [
  lowering<{ vertical: AxisMap; horizontal: AxisMap }>(
    'TweedieResample',
    ({ inputs, attributes: { vertical, horizontal } }) =>
      resampled(inputs.x!, vertical, horizontal),
  ),
];
