import { type PackAttrs, util } from '@tensorflow/tfjs-core';
import { sizeOf } from '@tweedie/core';
import { scalar } from '../ir/constant.js';
import type { Value } from '../ir/graph.js';
import * as op from '../ir/shape.js';
import { axesIn, commonLayout, layoutForChannels } from '../tensors/layout.js';
import { rowMajor, type SymbolicTensor, symbolic, valueIn } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, listOf, lowering } from './lowering.js';

/** Images meet in one layout. */
function concat(call: KernelCall<{ axis: number }>): SymbolicTensor {
  const tensors = listOf(call);
  const first = tensors[0]!;
  const axis = util.parseAxisParam(call.attributes.axis, [...first.shape])[0]!;
  const shape = [...first.shape];
  shape[axis] = tensors.reduce((sum, { shape: extents }) => sum + extents[axis]!, 0);
  const filled = tensors.filter(({ shape: extents }) => sizeOf(extents) > 0);
  if (filled.length === 0) return symbolic(scalar(call.graph, first.type, 0), shape);
  const common = commonLayout(filled);
  const channels = filled.map(({ shape: extents }) => extents[3]!);
  const layout = layoutForChannels(common, call.graph.blockSize, ...channels);
  const values = filled.map((x) => valueIn(x, layout));
  return symbolic(op.concat(values, axesIn(layout, [axis])[0]!), shape, layout);
}

function pack(call: KernelCall<PackAttrs>): SymbolicTensor {
  const values = listOf(call).map(rowMajor);
  const { axis } = call.attributes;
  const at = axis < 0 ? axis + values[0]!.shape.length + 1 : axis;
  const withAxis = (x: Value) => op.reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
  return symbolic(op.concat(values.map(withAxis), at));
}

export const concatLowerings: readonly Lowering[] = [
  lowering('Concat', concat),
  lowering('Pack', pack),
];
