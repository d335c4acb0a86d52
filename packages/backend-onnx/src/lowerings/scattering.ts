import { sizeOf } from '@tweedie/core';
import { cast } from '../ir/arithmetic.js';
import { scalar } from '../ir/constant.js';
import { text, type Value } from '../ir/graph.js';
import { expand, reshape } from '../ir/shape.js';
import { rowMajor, type SymbolicTensor, symbolic, valueIn } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import { isEmpty, zerosOf } from './windows.js';

/** Reading and writing at the indices in a tensor: [..., r] names r leading axes of the other. */

const placesOf = (indices: SymbolicTensor) => cast(rowMajor(indices), 'int64');

function gatherNd({ inputs }: KernelCall<unknown>): SymbolicTensor {
  const [x, indices] = [inputs.params!, inputs.indices!];
  const named = indices.shape.at(-1)!;
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(named)];
  if (isEmpty(shape)) return zerosOf(x, shape);
  const outputs = [{ type: x.type, shape }];
  return symbolic(x.value.graph.emit('GatherND', [rowMajor(x), placesOf(indices)], outputs)[0]!);
}

/** Places to write to; a vector stands for a matrix of one column. */
const writtenPlaces = (indices: SymbolicTensor) =>
  indices.shape.length > 1
    ? placesOf(indices)
    : reshape(placesOf(indices), [sizeOf(indices.shape), 1]);

/** @param reduction 'add' sums the updates that meet, 'none' keeps one of them */
function scattered(into: Value, places: Value, updates: Value, reduction: 'add' | 'none'): Value {
  if (isEmpty(updates.shape) || isEmpty(into.shape)) return into;
  const outputs = [{ type: into.type, shape: into.shape }];
  const attributes = reduction === 'none' ? {} : { reduction: text(reduction) };
  return into.graph.emit('ScatterND', [into, places, updates], outputs, attributes)[0]!;
}

function scatterNd({ graph, inputs, attributes }: KernelCall<{ shape: number[] }>): SymbolicTensor {
  const [indices, updates] = [inputs.indices!, inputs.updates!];
  const zeros = expand(scalar(graph, updates.type, 0), attributes.shape);
  return symbolic(scattered(zeros, writtenPlaces(indices), rowMajor(updates), 'add'));
}

function sparseToDense({
  inputs,
  attributes,
}: KernelCall<{ outputShape: number[] }>): SymbolicTensor {
  const { outputShape } = attributes;
  const [indices, values] = [inputs.sparseIndices!, inputs.sparseValues!];
  // A number or a vector of indices stands for a matrix of one column, and one value for all.
  const rank = outputShape.length;
  const count = indices.shape.length < 2 ? (indices.shape[0] ?? 1) : indices.shape[0]!;
  const places = reshape(placesOf(indices), [count, indices.shape.length < 2 ? 1 : rank]);
  const updates = expand(rowMajor(values), [count]);
  const background = expand(cast(rowMajor(inputs.defaultValue!), values.type), outputShape);
  return symbolic(scattered(background, places, updates, 'none'));
}

export const scatteringLowerings: readonly Lowering[] = [
  lowering('GatherNd', gatherNd),
  lowering('ScatterNd', scatterNd),
  lowering('TensorScatterUpdate', ({ inputs }) =>
    symbolic(
      scattered(
        valueIn(inputs.tensor!, 'NHWC'),
        writtenPlaces(inputs.indices!),
        rowMajor(inputs.updates!),
        'none',
      ),
    ),
  ),
  lowering('SparseToDense', sparseToDense),
];
