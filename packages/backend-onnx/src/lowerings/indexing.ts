import { type GatherV2Attrs, type OneHotAttrs, util } from '@tensorflow/tfjs-core';
import { sizeOf, TweedieError } from '@tweedie/core';
import { cast, compare, select } from '../graph/arithmetic.js';
import { dataOf, scalar } from '../graph/constant.js';
import type { Graph, Value } from '../graph/graph.js';
import { matMul } from '../graph/linear.js';
import { gather, reshape } from '../graph/shape.js';
import { type KernelCall, type Lowering, lowering } from '../trace/lowering.js';
import { rows, type Traced, type TracedType, traced } from '../trace/traced.js';

/** 0, 1, … count − 1. */
function counting(graph: Graph, count: number): Value {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return graph.constant('int32', dataOf('int32', numbers), [count]);
}

function gathered({ inputs, attributes }: KernelCall<GatherV2Attrs>): Traced {
  const [x, indices] = [inputs.x!, inputs.indices!];
  const axis = util.parseAxisParam(attributes.axis, [...x.shape])[0]!;
  if (attributes.batchDims !== 0) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'backend-onnx',
      given: `gather has batchDims ${attributes.batchDims}`,
      allowed: 'batchDims 0 in a compiled function',
    });
  }
  return traced(gather(rows(x), cast(rows(indices), 'int32'), axis));
}

function oneHot({ graph, inputs, attributes }: KernelCall<OneHotAttrs>): Traced {
  const { depth, onValue, offValue } = attributes;
  const type = (attributes.dtype ?? 'int32') as TracedType;
  const indices = inputs.indices!;
  const column = reshape(cast(rows(indices), 'int32'), [...indices.shape, 1]);
  const hit = compare('Equal', column, counting(graph, depth));
  if (onValue === 1 && offValue === 0) return traced(cast(hit, type));
  const on = scalar(graph, type === 'bool' ? 'int32' : type, onValue);
  return traced(cast(select(hit, on, offValue), type));
}

/**
 * Sums the items that share an id, as the product with the matrix of who belongs where. Ids outside
 * 0 … numSegments − 1 belong nowhere.
 */
function segmentSum({ graph, inputs, attributes }: KernelCall<{ numSegments: number }>): Traced {
  const [x, ids] = [inputs.x!, inputs.segmentIds!];
  const { numSegments } = attributes;
  const segments = reshape(counting(graph, numSegments), [numSegments, 1]);
  const row = reshape(cast(rows(ids), 'int32'), [1, ids.shape[0]!]);
  const member = cast(compare('Equal', segments, row), 'float32');
  const inner = x.shape.slice(1);
  const items = reshape(cast(rows(x), 'float32'), [x.shape[0]!, sizeOf(inner)]);
  return traced(cast(reshape(matMul(member, items), [numSegments, ...inner]), x.type));
}

export const indexingLowerings: readonly Lowering[] = [
  lowering('GatherV2', gathered),
  lowering('OneHot', oneHot),
  lowering('UnsortedSegmentSum', segmentSum),
];
