import {
  cast,
  cumsum,
  div,
  equal,
  type GradConfig,
  max,
  min,
  mul,
  prod,
  reshape,
  scalar,
  softmax,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { spread } from './broadcasting.js';
import { gradient } from './gradient.js';

/** Max calls its axes `reductionIndices`, every other reduction `axis`. */
type Axes = { readonly axis: number[] } | { readonly reductionIndices: number[] };
const axesOf = (attributes: Axes) =>
  'axis' in attributes ? attributes.axis : attributes.reductionIndices;

/** Max and Min: dy goes to the extremes, shared equally where several elements attain them. */
function extreme(kernelName: string, reduce: (x: Tensor, axis: number[]) => Tensor): GradConfig {
  return gradient(kernelName, ['x'], (dy, [x], attributes: Axes) => ({
    x: () => {
      const axes = axesOf(attributes);
      const hit = cast(equal(x, spread(reduce(x, axes), x.shape, axes)), 'float32');
      const ties = sum(hit, axes);
      return mul(hit, spread(div(reshape(dy, ties.shape), ties), x.shape, axes));
    },
  }));
}

export const reductionGradients: readonly GradConfig[] = [
  gradient('Sum', ['x'], (dy, [x], attributes: Axes) => ({
    x: () => spread(dy, x.shape, axesOf(attributes)),
  })),
  gradient('Mean', ['x'], (dy, [x], attributes: Axes) => ({
    x: () => {
      const share = scalar(dy.size / x.size);
      return spread(mul(dy, share), x.shape, axesOf(attributes));
    },
  })),
  extreme('Max', max),
  extreme('Min', min),
  // Exact where no element is zero.
  gradient('Prod', ['x'], (dy, [x], attributes: Axes) => ({
    x: () => {
      const axes = axesOf(attributes);
      const product = prod(x, axes);
      return div(spread(mul(reshape(dy, product.shape), product), x.shape, axes), x);
    },
  })),
  gradient('Softmax', ['logits'], (dy, [logits], { dim }: { dim: number }) => ({
    logits: () => {
      const y = softmax(logits, dim);
      const weighted = mul(dy, y);
      return sub(weighted, mul(sum(weighted, dim, true), y));
    },
  })),
  gradient(
    'Cumsum',
    ['x'],
    (
      dy,
      _inputs,
      { axis, exclusive, reverse }: { axis: number; exclusive: boolean; reverse: boolean },
    ) => ({ x: () => cumsum(dy, axis, exclusive, !reverse) }),
  ),
];
