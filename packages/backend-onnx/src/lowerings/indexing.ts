import { type GatherV2Attrs, type OneHotAttrs, util } from '@tensorflow/tfjs-core';
import { sizeOf } from '@tweedie/core';
import { add, cast, compare, mul, select } from '../ir/arithmetic.js';
import { dataOf, scalar } from '../ir/constant.js';
import type { TensorType } from '../ir/element-type.js';
import type { Graph, Value } from '../ir/graph.js';
import { matMul } from '../ir/linear.js';
import { gather, reshape, transpose } from '../ir/shape.js';
import { rowMajor, type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';

/** 0, 1, … count − 1. */
export function counting(graph: Graph, count: number): Value {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return graph.constant('int32', dataOf('int32', numbers), [count]);
}

function gathered({ graph, inputs, attributes }: KernelCall<GatherV2Attrs>): SymbolicTensor {
  const [x, indices] = [inputs.x!, inputs.indices!];
  const axis = util.parseAxisParam(attributes.axis, [...x.shape])[0]!;
  const shared =
    attributes.batchDims < 0
      ? attributes.batchDims + indices.shape.length
      : (attributes.batchDims ?? 0);
  const places = cast(rowMajor(indices), 'int32');
  if (shared === 0) return symbolic(gather(rowMajor(x), places, axis));
  // Seen as [batch, outer, gathered, inner]; places count over all of [batch, gathered].
  const size = (from: number, to?: number) => sizeOf(x.shape.slice(from, to));
  const [batch, outer, inner] = [size(0, shared), size(shared, axis), size(axis + 1)];
  const extent = x.shape[axis]!;
  const picked = indices.shape.slice(shared);
  const shape = [...x.shape.slice(0, axis), ...picked, ...x.shape.slice(axis + 1)];
  if (sizeOf(shape) === 0) return symbolic(scalar(graph, x.type, 0), shape);
  const flat = reshape(
    transpose(reshape(rowMajor(x), [batch, outer, extent, inner]), [0, 2, 1, 3]),
    [batch * extent, outer * inner],
  );
  const starts = mul(reshape(counting(graph, batch), [batch, 1]), extent);
  const all = add(reshape(places, [batch, sizeOf(picked)]), starts);
  const found = reshape(gather(flat, all, 0), [batch, sizeOf(picked), outer, inner]);
  return symbolic(reshape(transpose(found, [0, 2, 1, 3]), shape));
}

function oneHot({ graph, inputs, attributes }: KernelCall<OneHotAttrs>): SymbolicTensor {
  const { depth, onValue, offValue } = attributes;
  const type = (attributes.dtype ?? 'int32') as TensorType;
  const indices = inputs.indices!;
  const column = reshape(cast(rowMajor(indices), 'int32'), [...indices.shape, 1]);
  const hit = compare('Equal', column, counting(graph, depth));
  if (onValue === 1 && offValue === 0) return symbolic(cast(hit, type));
  const on = scalar(graph, type === 'bool' ? 'int32' : type, onValue);
  return symbolic(cast(select(hit, on, offValue), type));
}

/**
 * Sums the items that share an id, as the product with the matrix of who belongs where. Ids outside
 * 0 … numSegments − 1 belong nowhere.
 */
function segmentSum({
  graph,
  inputs,
  attributes,
}: KernelCall<{ numSegments: number }>): SymbolicTensor {
  const [x, ids] = [inputs.x!, inputs.segmentIds!];
  const { numSegments } = attributes;
  const segments = reshape(counting(graph, numSegments), [numSegments, 1]);
  const row = reshape(cast(rowMajor(ids), 'int32'), [1, ids.shape[0]!]);
  const member = cast(compare('Equal', segments, row), 'float32');
  const inner = x.shape.slice(1);
  const items = reshape(cast(rowMajor(x), 'float32'), [x.shape[0]!, sizeOf(inner)]);
  return symbolic(cast(reshape(matMul(member, items), [numSegments, ...inner]), x.type));
}

export const indexingLowerings: readonly Lowering[] = [
  lowering('GatherV2', gathered),
  lowering('OneHot', oneHot),
  lowering('UnsortedSegmentSum', segmentSum),
];
