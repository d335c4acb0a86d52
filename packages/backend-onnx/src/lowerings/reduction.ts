import { type CumsumAttrs, util } from '@tensorflow/tfjs-core';
import { cast, mul } from '../ir/arithmetic.js';
import { scalar } from '../ir/constant.js';
import { int, type Value } from '../ir/graph.js';
import { softmax } from '../ir/linear.js';
import { type Reducer, reduce, reduceMean } from '../ir/reduction.js';
import { pad, slice } from '../ir/shape.js';
import { axesIn } from '../tensors/layout.js';
import { rowMajor, type SymbolicTensor, symbolic, valueIn } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import { reshaped } from './shape.js';
import { isEmpty } from './windows.js';

interface ReductionAttrs {
  readonly axis?: number | number[];
  /** What `Max` calls its axes. */
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

const axesOf = (x: SymbolicTensor, axis: number | number[] | undefined) =>
  util.parseAxisParam(axis as number | number[], [...x.shape]);

/**
 * A reduction, and what it gives where there is nothing to reduce, which the runtime does not always
 * know. An image is reduced in its own layout where the axes that stay keep their
 * order.
 */
function reduction(
  kernelName: string,
  ofNothing: number,
  compute: (value: Value, axes: readonly number[]) => Value,
): Lowering {
  return lowering<ReductionAttrs>(kernelName, ({ graph, inputs, attributes }) => {
    const x = inputs.x!;
    const axes = axesOf(x, attributes.axis ?? attributes.reductionIndices);
    const shape = attributes.keepDims
      ? x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
      : x.shape.filter((_, axis) => !axes.includes(axis));
    if (isEmpty(x.shape)) {
      const { type } = compute(scalar(graph, x.type, 0), []);
      return symbolic(scalar(graph, type, ofNothing), shape);
    }
    const keepsOrder = axes.includes(3) || (axes.includes(1) && axes.includes(2));
    const layout = keepsOrder ? x.layout : 'NHWC';
    const value = compute(valueIn(x, layout), axesIn(layout, axes));
    return reshaped(symbolic(value), shape);
  });
}

const reducing = (kernelName: string, how: Reducer, ofNothing: number): Lowering =>
  reduction(kernelName, ofNothing, (x, axes) =>
    reduce(how, x.type === 'bool' ? cast(x, 'int32') : x, axes),
  );

const reducingTruth = (kernelName: string, how: Reducer, ofNothing: number): Lowering =>
  reduction(kernelName, ofNothing, (x, axes) => cast(reduce(how, cast(x, 'int32'), axes), 'bool'));

/** The place of the first extreme element along one axis. */
const arg = (operator: 'ArgMax' | 'ArgMin'): Lowering =>
  lowering<{ axis: number }>(operator, ({ inputs, attributes }) => {
    const x = inputs.x!;
    const axis = axesOf(x, attributes.axis)[0]!;
    const shape = x.shape.filter((_, i) => i !== axis);
    const value = x.type === 'bool' ? cast(rowMajor(x), 'int32') : rowMajor(x);
    const [place] = value.graph.emit(operator, [value], [{ type: 'int64', shape }], {
      axis: int(axis),
      keepdims: int(0),
    });
    return symbolic(cast(place!, 'int32'));
  });

function cumulativeSum({ graph, inputs, attributes }: KernelCall<CumsumAttrs>): SymbolicTensor {
  const x = rowMajor(inputs.x!);
  const axis = scalar(graph, 'int32', axesOf(inputs.x!, attributes.axis)[0]!);
  const flags = {
    exclusive: int(Number(attributes.exclusive)),
    reverse: int(Number(attributes.reverse)),
  };
  return symbolic(graph.emit('CumSum', [x, axis], [{ type: x.type, shape: x.shape }], flags)[0]!);
}

/** In log₂ n steps, each by the product that lies twice as far back. */
function cumulativeProduct({ inputs, attributes }: KernelCall<CumsumAttrs>): SymbolicTensor {
  const { exclusive, reverse } = attributes;
  const x = inputs.x!.type === 'bool' ? cast(rowMajor(inputs.x!), 'int32') : rowMajor(inputs.x!);
  const axis = axesOf(inputs.x!, attributes.axis)[0]!;
  const frame = (by: number) => x.shape.map((_, i) => (i === axis ? by : 0));
  const none = frame(0);
  const shifted = (value: Value, by: number) =>
    reverse
      ? slice(pad(value, none, frame(by), 1), frame(by), x.shape)
      : slice(pad(value, frame(by), none, 1), none, x.shape);
  let product = exclusive ? shifted(x, 1) : x;
  for (let by = 1; by < x.shape[axis]!; by *= 2) product = mul(product, shifted(product, by));
  return symbolic(product);
}

/** x − max − log Σ exp(x − max), as ONNX's own operator computes it. */
function logSoftmax({ inputs, attributes }: KernelCall<{ axis: number }>): SymbolicTensor {
  const x = rowMajor(inputs.logits!);
  const axis = int(axesOf(inputs.logits!, attributes.axis)[0]!);
  return symbolic(
    x.graph.emit('LogSoftmax', [x], [{ type: x.type, shape: x.shape }], { axis })[0]!,
  );
}

export const reductionLowerings: readonly Lowering[] = [
  reducing('Sum', 'ReduceSum', 0),
  reducing('Max', 'ReduceMax', Number.NaN),
  reducing('Min', 'ReduceMin', Number.NaN),
  reducing('Prod', 'ReduceProd', 1),
  reduction('Mean', Number.NaN, (x, axes) => reduceMean(cast(x, 'float32'), axes)),
  reducingTruth('All', 'ReduceMin', 1),
  reducingTruth('Any', 'ReduceMax', 0),
  arg('ArgMax'),
  arg('ArgMin'),
  lowering('Cumsum', cumulativeSum),
  lowering('Cumprod', cumulativeProduct),
  lowering<{ dim: number }>('Softmax', ({ inputs, attributes }) =>
    symbolic(softmax(rowMajor(inputs.logits!), axesOf(inputs.logits!, attributes.dim)[0]!)),
  ),
  lowering('LogSoftmax', logSoftmax),
];
