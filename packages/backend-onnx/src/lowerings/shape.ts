import {
  type ExpandDimsAttrs,
  type TileAttrs,
  type TransposeAttrs,
  util,
} from '@tensorflow/tfjs-core';
import { reshape, sameShape, tile, transpose } from '../graph/shape.js';
import { type KernelCall, type Lowering, lowering } from '../trace/lowering.js';
import { arranged, rows, type Traced, traced, withRank } from '../trace/traced.js';

/** The same elements, row-major, under another shape. */
export function reshaped(x: Traced, shape: readonly number[]): Traced {
  if (sameShape(x.shape, shape)) return x;
  if (x.value.shape.length === 0) return traced(x.value, shape);
  return traced(reshape(rows(x), shape));
}

/** Repeats axes of extent 1; nothing is copied before something needs it. */
function broadcast(x: Traced, shape: readonly number[]): Traced {
  if (sameShape(x.shape, shape)) return x;
  const value = arranged(x, 'rows');
  return traced(value.shape.length === 0 ? value : withRank(value, shape.length), shape);
}

function tiled({ inputs, attributes: { reps } }: KernelCall<TileAttrs>): Traced {
  const x = inputs.x!;
  const shape = x.shape.map((extent, axis) => extent * reps[axis]!);
  const onlyBroadcasts = x.shape.every((extent, axis) => extent === 1 || reps[axis] === 1);
  return onlyBroadcasts ? broadcast(x, shape) : traced(tile(rows(x), reps));
}

function transposed({ inputs, attributes: { perm } }: KernelCall<TransposeAttrs>): Traced {
  const x = inputs.x!;
  const shape = perm.map((axis) => x.shape[axis]!);
  const value = arranged(x, 'rows');
  return traced(value.shape.length === 0 ? value : transpose(value, perm), shape);
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
  lowering('Tile', tiled),
  lowering('Transpose', transposed),
];
