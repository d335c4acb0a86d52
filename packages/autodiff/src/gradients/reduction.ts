import {
  cast,
  cumprod,
  cumsum,
  div,
  equal,
  type GradConfig,
  max,
  min,
  mul,
  pad,
  reshape,
  scalar,
  slice,
  softmax,
  sub,
  sum,
  type Tensor,
  transpose,
  util,
} from '@tensorflow/tfjs-core';
import { asFloat } from '../tape/as-float.js';
import { gradient } from '../tape/gradient.js';
import { gradientsOf } from '../tape/gradients-of.js';
import { spread } from './broadcasting.js';

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

interface ScanAttributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** Cumulative products in log₂ n steps, each with the product that lies twice as far back. */
function productScan(x: Tensor, { axis, exclusive, reverse: fromEnd }: ScanAttributes): Tensor {
  const at = util.parseAxisParam(axis, x.shape)[0]!;
  const extent = x.shape[at]!;
  const shifted = (t: Tensor, by: number) => {
    const frame = t.shape.map((_, i): [number, number] =>
      i !== at ? [0, 0] : fromEnd ? [0, by] : [by, 0],
    );
    const begin = t.shape.map((_, i) => (i === at && fromEnd ? by : 0));
    return slice(pad(t, frame, 1), begin, t.shape);
  };
  let product = exclusive ? shifted(x, 1) : x;
  for (let by = 1; by < extent; by *= 2) product = mul(product, shifted(product, by));
  return product;
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
  // For each element the product of those before it and of those after it, which exists where
  // elements are zero as well.
  gradient('Prod', ['x'], (dy, [x], attributes: Axes) => ({
    x: () => {
      const axes = util.parseAxisParam(axesOf(attributes), x.shape);
      const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
      const order = [...kept, ...axes];
      const moved = transpose(asFloat(x), order);
      const factors = util.sizeFromShape(axes.map((axis) => x.shape[axis]!));
      const products = util.sizeFromShape(kept.map((axis) => x.shape[axis]!));
      const rows = reshape(moved, [products, factors]);
      const others = mul(cumprod(rows, 1, true), cumprod(rows, 1, true, true));
      const flow = mul(reshape(dy, [products, 1]), others);
      return transpose(
        reshape(flow, moved.shape),
        order.map((_, axis) => order.indexOf(axis)),
      );
    },
  })),
  gradient('Softmax', ['logits'], (dy, [logits], { dim }: { dim: number }) => ({
    logits: () => {
      const y = softmax(logits, dim);
      const weighted = mul(dy, y);
      return sub(weighted, mul(sum(weighted, dim, true), y));
    },
  })),
  // By the rule of the product scan below, which holds where elements are zero as well.
  gradient('Cumprod', ['x'], (dy, [x], attributes: ScanAttributes) => ({
    x: () => {
      const factors = asFloat(x);
      return gradientsOf(() => productScan(factors, attributes), [factors], dy).grads[0]!;
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
