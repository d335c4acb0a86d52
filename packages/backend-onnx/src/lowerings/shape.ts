import {
  type BatchToSpaceNDAttrs,
  backend_util,
  type DepthToSpaceAttrs,
  type ExpandDimsAttrs,
  type SpaceToBatchNDAttrs,
  type TileAttrs,
  type TransposeAttrs,
  util,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '@tweedie/core';
import { cast, compare, select } from '../ir/arithmetic.js';
import { dataOf, scalar } from '../ir/constant.js';
import { pad, reshape, sameShape, slice, tile, transpose } from '../ir/shape.js';
import {
  arranged,
  rowMajor,
  type SymbolicTensor,
  symbolic,
  withRank,
} from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';

/** The same elements, row-major, under another shape. */
export function reshaped(x: SymbolicTensor, shape: readonly number[]): SymbolicTensor {
  if (sameShape(x.shape, shape)) return x;
  if (x.value.shape.length === 0) return symbolic(x.value, shape);
  return symbolic(reshape(rowMajor(x), shape));
}

/** Repeats axes of extent 1; nothing is copied before something needs it. */
function broadcast(x: SymbolicTensor, shape: readonly number[]): SymbolicTensor {
  if (sameShape(x.shape, shape)) return x;
  const value = arranged(x, 'NHWC');
  return symbolic(value.shape.length === 0 ? value : withRank(value, shape.length), shape);
}

function tiled({ inputs, attributes: { reps } }: KernelCall<TileAttrs>): SymbolicTensor {
  const x = inputs.x!;
  const shape = x.shape.map((extent, axis) => extent * reps[axis]!);
  const onlyBroadcasts = x.shape.every((extent, axis) => extent === 1 || reps[axis] === 1);
  return onlyBroadcasts ? broadcast(x, shape) : symbolic(tile(rowMajor(x), reps));
}

function transposed({ inputs, attributes: { perm } }: KernelCall<TransposeAttrs>): SymbolicTensor {
  const x = inputs.x!;
  const shape = perm.map((axis) => x.shape[axis]!);
  const value = arranged(x, 'NHWC');
  return symbolic(value.shape.length === 0 ? value : transpose(value, perm), shape);
}

/** A square matrix with the elements of x, flat, on its diagonal. */
function diagonal({ graph, inputs }: KernelCall<unknown>): SymbolicTensor {
  const x = inputs.x!;
  const size = sizeOf(x.shape);
  const shape = [...x.shape, ...x.shape];
  if (size === 0) return symbolic(scalar(graph, x.type, 0), shape);
  const identity = Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0));
  const isOn = graph.constant('bool', dataOf('bool', identity), [size, size]);
  // Chosen, not multiplied: what is infinite stays on the diagonal.
  const column = reshape(x.type === 'bool' ? cast(rowMajor(x), 'int32') : rowMajor(x), [size, 1]);
  return symbolic(cast(reshape(select(isOn, column, 0), shape), x.type));
}

/** Pieces of space as items of the batch. */
function spaceToBatch({ inputs, attributes }: KernelCall<SpaceToBatchNDAttrs>): SymbolicTensor {
  const { blockShape, paddings } = attributes;
  const x = inputs.x!;
  const sides = x.shape.map((_, axis): readonly number[] => paddings[axis - 1] ?? [0, 0]);
  const padded = pad(
    rowMajor(x),
    sides.map(([before]) => before!),
    sides.map(([, after]) => after!),
  );
  const items = blockShape.reduce((a, b) => a * b, 1);
  const shape = [...padded.shape];
  const split = backend_util.getReshaped(shape, blockShape, items, false);
  const order = backend_util.getPermuted(split.length, blockShape.length, false);
  const joined = backend_util.getReshapedPermuted(shape, blockShape, items, false);
  return symbolic(reshape(transpose(reshape(padded, split), order), joined));
}

/** The inverse: items of the batch as pieces of space. */
function batchToSpace({ inputs, attributes }: KernelCall<BatchToSpaceNDAttrs>): SymbolicTensor {
  const { blockShape, crops } = attributes;
  const x = rowMajor(inputs.x!);
  const items = blockShape.reduce((a, b) => a * b, 1);
  const shape = [...x.shape];
  const split = backend_util.getReshaped(shape, blockShape, items);
  const order = backend_util.getPermuted(split.length, blockShape.length);
  const joined = backend_util.getReshapedPermuted(shape, blockShape, items);
  const whole = reshape(transpose(reshape(x, split), order), joined);
  const left = whole.shape.map((_, axis) => crops[axis - 1]?.[0] ?? 0);
  const kept = whole.shape.map((extent, axis) => {
    const [before, after] = crops[axis - 1] ?? [0, 0];
    return extent - before! - after!;
  });
  return symbolic(slice(whole, left, kept));
}

/** Channels as tiles of pixels. */
function depthToSpace({ inputs, attributes }: KernelCall<DepthToSpaceAttrs>): SymbolicTensor {
  const x = inputs.x!;
  const b = attributes.blockSize;
  const [items, height, width, channels] = x.shape as [number, number, number, number];
  const depth = channels / (b * b);
  const tiles = reshape(rowMajor(x), [items, height, width, b, b, depth]);
  const moved = transpose(tiles, [0, 1, 3, 2, 4, 5]);
  return symbolic(reshape(moved, [items, height * b, width * b, depth]));
}

/** The shape to which two shapes, given as tensors, broadcast. */
function broadcastArguments({ graph, inputs }: KernelCall<unknown>): SymbolicTensor {
  const [a, b] = [inputs.s0!, inputs.s1!];
  const rank = Math.max(a.shape[0]!, b.shape[0]!);
  if (rank === 0) return symbolic(scalar(graph, 'int32', 0), [0]);
  const withOnes = (x: SymbolicTensor) =>
    pad(cast(rowMajor(x), 'int32'), [rank - x.shape[0]!], [0], 1);
  const [left, right] = [withOnes(a), withOnes(b)];
  return symbolic(select(compare('Equal', left, 1), right, left));
}

export const shapeLowerings: readonly Lowering[] = [
  lowering<{ shape: number[] }>('Reshape', ({ inputs, attributes }) => {
    const size = inputs.x!.shape.reduce((a, b) => a * b, 1);
    return reshaped(inputs.x!, util.inferFromImplicitShape(attributes.shape, size));
  }),
  lowering<ExpandDimsAttrs>('ExpandDims', ({ inputs, attributes }) => {
    const { shape } = inputs.input!;
    const axis = attributes.dim < 0 ? attributes.dim + shape.length + 1 : attributes.dim;
    return reshaped(inputs.input!, [...shape.slice(0, axis), 1, ...shape.slice(axis)]);
  }),
  lowering<{ shape: number[] }>('BroadcastTo', ({ inputs, attributes }) =>
    broadcast(inputs.x!, attributes.shape),
  ),
  lowering('Diag', diagonal),
  lowering('SpaceToBatchND', spaceToBatch),
  lowering('BatchToSpaceND', batchToSpace),
  lowering('DepthToSpace', depthToSpace),
  lowering('BroadcastArgs', broadcastArguments),
  lowering('Tile', tiled),
  lowering('Transpose', transposed),
];
