import {
  backend_util,
  broadcastTo,
  cast,
  cumsum,
  div,
  equal,
  exp,
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
  util,
} from '@tensorflow/tfjs-core';

/** Max calls its axes `reductionIndices`, every other reduction `axis`. */
interface ReductionAttributes {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
}

/** Spreads a reduced tensor over the axes that were reduced away. */
function spread(reduced: Tensor, shape: number[], axis: number | number[]): Tensor {
  const axes = util.parseAxisParam(axis, shape);
  const kept = shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
  return broadcastTo(reshape(reduced, kept), shape);
}

const axisOf = (attrs: unknown): number | number[] => {
  const { axis, reductionIndices } = attrs as ReductionAttributes;
  return (axis ?? reductionIndices)!;
};

/** Max and Min: dy goes to the extremes, shared equally where several elements attain them. */
function extreme(
  kernelName: string,
  reduce: (x: Tensor, axis?: number | number[]) => Tensor,
): GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => ({
      x: () => {
        const x = saved[0]!;
        const axis = axisOf(attrs);
        const hit = cast(equal(x, spread(reduce(x, axis), x.shape, axis)), 'float32');
        const ties = spread(sum(hit, axis), x.shape, axis);
        return mul(spread(dy as Tensor, x.shape, axis), div(hit, ties));
      },
    }),
  };
}

export const reductionGradients: readonly GradConfig[] = [
  {
    kernelName: 'Sum',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => ({
      x: () => spread(dy as Tensor, saved[0]!.shape, axisOf(attrs)),
    }),
  },
  {
    kernelName: 'Mean',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => ({
      x: () => {
        const { shape } = saved[0]!;
        const axes = util.parseAxisParam(axisOf(attrs), shape);
        const [, reduced] = backend_util.computeOutAndReduceShapes(shape, axes);
        const spreadOut = spread(dy as Tensor, shape, axes);
        return div(spreadOut, scalar(Math.max(1, util.sizeFromShape(reduced))));
      },
    }),
  },
  extreme('Max', max),
  extreme('Min', min),
  {
    // Exact where no element is zero, as is usual for a product of positive factors.
    kernelName: 'Prod',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => ({
      x: () => {
        const x = saved[0]!;
        const axis = axisOf(attrs);
        return div(spread(mul(dy as Tensor, prod(x, axis)), x.shape, axis), x);
      },
    }),
  },
  {
    kernelName: 'Softmax',
    inputsToSave: ['logits'],
    gradFunc: (dy, saved, attrs) => ({
      logits: () => {
        const { dim } = attrs as unknown as { dim: number };
        const y = softmax(saved[0]!, dim);
        const weighted = mul(dy as Tensor, y);
        return sub(weighted, mul(sum(weighted, dim, true), y));
      },
    }),
  },
  {
    kernelName: 'LogSoftmax',
    inputsToSave: ['logits'],
    gradFunc: (dy, saved, attrs) => ({
      logits: () => {
        const { axis } = attrs as unknown as { axis: number };
        const x = saved[0]!;
        const shifted = sub(x, max(x, axis, true));
        const powers = exp(shifted);
        const y = div(powers, sum(powers, axis, true));
        return sub(dy as Tensor, mul(sum(dy as Tensor, axis, true), y));
      },
    }),
  },
  {
    kernelName: 'Cumsum',
    inputsToSave: ['x'],
    gradFunc: (dy, _saved, attrs) => ({
      x: () => {
        const { axis, exclusive, reverse } = attrs as unknown as {
          axis: number;
          exclusive: boolean;
          reverse: boolean;
        };
        return cumsum(dy as Tensor, axis, exclusive, !reverse);
      },
    }),
  },
];
