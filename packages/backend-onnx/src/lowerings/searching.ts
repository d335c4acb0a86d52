import type {
  BincountAttrs,
  DenseBincountAttrs,
  SearchSortedAttrs,
  TopKAttrs,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '@tweedie/core';
import { type Comparison, cast, compare, select } from '../ir/arithmetic.js';
import { indices } from '../ir/constant.js';
import type { Value } from '../ir/graph.js';
import { reduce, reduceSum } from '../ir/reduction.js';
import { expand, reshape } from '../ir/shape.js';
import { rowMajor, type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { counting } from './indexing.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import { reshaped } from './shape.js';
import { isEmpty, zerosOf } from './windows.js';

/** Orders and counts. */

function topK({ graph, inputs, attributes: { k } }: KernelCall<TopKAttrs>): SymbolicTensor[] {
  const x = inputs.x!;
  const shape = [...x.shape.slice(0, -1), k];
  if (isEmpty(shape)) return [zerosOf(x, shape), zerosOf(x, shape, 'int32')];
  const numbers = x.type === 'bool' ? cast(rowMajor(x), 'int32') : rowMajor(x);
  const [values, places] = graph.emit(
    'TopK',
    [numbers, indices(graph, [k])],
    [
      { type: numbers.type, shape },
      { type: 'int64', shape },
    ],
  );
  return [symbolic(cast(values!, x.type)), symbolic(cast(places!, 'int32'))];
}

/** How many elements of each sorted row [B, N] come before each value of [B, M]. */
function countBefore({ inputs }: KernelCall<unknown>, how: Comparison): SymbolicTensor {
  const [sorted, values] = [inputs.sortedSequence!, inputs.values!];
  const [batch, length] = sorted.shape as [number, number];
  const count = values.shape[1]!;
  if (isEmpty([batch, length, count])) return zerosOf(values, values.shape, 'int32');
  const row = reshape(rowMajor(sorted), [batch, 1, length]);
  const column = reshape(cast(rowMajor(values), sorted.type), [batch, count, 1]);
  return symbolic(reduceSum(cast(compare(how, row, column), 'int32'), [2]));
}

const flattened = (x: SymbolicTensor) => reshaped(x, [sizeOf(x.shape)]);

/** Sums of the weights (1 where there are none) of the elements that have each whole value. */
function histogram(
  x: SymbolicTensor,
  weights: SymbolicTensor,
  { size, binaryOutput }: { readonly size: number; readonly binaryOutput: boolean },
): SymbolicTensor {
  const shape = [...x.shape.slice(0, -1), size];
  if (isEmpty([...shape, ...x.shape])) return zerosOf(weights, shape);
  const length = x.shape.at(-1)!;
  const batch = sizeOf(x.shape) / length;
  const bins = reshape(counting(x.value.graph, size), [1, size, 1]);
  const hits = compare('Equal', bins, reshape(cast(rowMajor(x), 'int32'), [batch, 1, length]));
  const type = weights.type === 'bool' ? 'int32' : weights.type;
  let sums: Value;
  if (binaryOutput) sums = cast(reduce('ReduceMax', cast(hits, 'int32'), [2]), type);
  else if (isEmpty(weights.shape)) sums = reduceSum(cast(hits, type), [2]);
  else {
    const shares = expand(reshape(cast(rowMajor(weights), type), [batch, 1, length]), [
      batch,
      size,
      length,
    ]);
    sums = reduceSum(select(hits, shares, 0), [2]);
  }
  return symbolic(cast(reshape(sums, shape), weights.type));
}

export const searchingLowerings: readonly Lowering[] = [
  lowering('TopK', topK),
  lowering<SearchSortedAttrs>('SearchSorted', (call) =>
    countBefore(call, call.attributes.side === 'left' ? 'Less' : 'LessOrEqual'),
  ),
  lowering('LowerBound', (call) => countBefore(call, 'Less')),
  lowering('UpperBound', (call) => countBefore(call, 'LessOrEqual')),
  lowering<BincountAttrs>('Bincount', ({ inputs, attributes: { size } }) =>
    // Elements of any shape are counted together.
    histogram(flattened(inputs.x!), flattened(inputs.weights!), { size, binaryOutput: false }),
  ),
  lowering<DenseBincountAttrs>('DenseBincount', ({ inputs, attributes }) =>
    histogram(inputs.x!, inputs.weights!, {
      size: attributes.size,
      // tfjs looks at it only for matrices.
      binaryOutput: attributes.binaryOutput === true && inputs.x!.shape.length === 2,
    }),
  ),
];
