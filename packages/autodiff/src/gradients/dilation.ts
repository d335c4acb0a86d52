import {
  add,
  backend_util,
  clone,
  type GradConfig,
  maximum,
  reshape,
  type Tensor,
  unstack,
} from '@tensorflow/tfjs-core';
import { asFloat } from '../tape/as-float.js';
import { gradient } from '../tape/gradient.js';
import { gradientsOf } from '../tape/gradients-of.js';
import { views, windowsOf } from './windows.js';

interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid';
  readonly dilations: number | [number, number];
}

type Extents3 = [number, number, number];
type Extents4 = [number, number, number, number];

/** Morphological dilation, the greatest of x + filter over a window, from plain operations. */
function dilation(x: Tensor, filter: Tensor, { strides, pad, dilations }: Attributes): Tensor {
  const info = backend_util.computeDilation2DInfo(
    x.shape as Extents4,
    filter.shape as Extents3,
    strides,
    pad,
    'NHWC',
    dilations,
  );
  const windows = windowsOf(info);
  const [rows, columns, channels] = filter.shape as Extents3;
  const heights = unstack(reshape(filter, [rows * columns, channels]));
  return views(x, windows, Number.NEGATIVE_INFINITY)
    .map((view, i) => add(view, heights[i]!))
    .reduce((greatest, view) => maximum(greatest, view));
}

/** Of equal elements the first has the derivative. */
export const dilationGradients: readonly GradConfig[] = [
  gradient('Dilation2D', ['x', 'filter'], (dy, [x, filter], attributes: Attributes) => {
    const inputs = [asFloat(x), asFloat(filter)] as const;
    const { grads } = gradientsOf(() => dilation(...inputs, attributes), inputs, dy);
    return { x: () => clone(grads[0]!), filter: () => clone(grads[1]!) };
  }),
];
