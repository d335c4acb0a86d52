import {
  add,
  cast,
  clipByValue,
  concat,
  equal,
  type GradConfig,
  gather,
  mul,
  pad,
  range,
  reshape,
  reverse,
  scalar,
  slice,
  stack,
  sum,
  type Tensor,
  type Tensor1D,
  transpose,
  unsortedSegmentSum,
  unstack,
  util,
  where,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { gradient, listGradient, splittingGradient } from '../tape/gradient.js';

/** An operation that moves elements about: what flows back depends on dy, a shape and attributes. */
function moving<Attributes>(
  kernelName: string,
  back: (dy: Tensor, shape: number[], attributes: Attributes) => Tensor,
  input = 'x',
): GradConfig {
  return gradient(kernelName, [input], (dy, [x], attributes: Attributes) => ({
    [input]: () => back(dy, x!.shape, attributes),
  }));
}

/** In this order each type holds the values of those before it. */
const types = ['bool', 'int32', 'float32'];

/** Rounding to whole numbers and telling whether a number is 0 are piecewise constant. */
const keepsValues = (from: string, to: string) => types.indexOf(to) >= types.indexOf(from);

const int = (value: number) => scalar(value, 'int32');

const sumBefore = (sizes: readonly number[], i: number) =>
  sizes.slice(0, i).reduce((total, size) => total + size, 0);

export const shapeGradients: readonly GradConfig[] = [
  moving('Identity', (dy) => cast(dy, 'float32')),
  gradient('Cast', ['x'], (dy, [x], { dtype }: { readonly dtype: string }) => ({
    x: () => (keepsValues(x.dtype, dtype) ? cast(dy, 'float32') : zeros(x.shape)),
  })),
  moving('Reshape', (dy, shape) => reshape(dy, shape)),
  moving('ExpandDims', (dy, shape) => reshape(dy, shape), 'input'),
  moving('Transpose', (dy, _shape, { perm }: { perm: number[] }) =>
    transpose(
      dy,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ),
  moving('Reverse', (dy, _shape, { dims }: { dims: number | number[] }) => reverse(dy, dims)),
  moving('Slice', (dy, shape, { begin }: { begin: number | number[] }) => {
    const starts = typeof begin === 'number' ? [begin] : begin;
    return pad(
      dy,
      shape.map((extent, axis): [number, number] => {
        const before = starts[axis] ?? 0;
        return [before, extent - before - dy.shape[axis]!];
      }),
    );
  }),
  moving('PadV2', (dy, shape, { paddings }: { paddings: [number, number][] }) =>
    slice(
      dy,
      paddings.map(([before]) => before),
      shape,
    ),
  ),
  // Also what tfjs's broadcastTo runs. The copies along one axis at a time are summed.
  moving('Tile', (dy, shape, { reps }: { reps: number[] }) => {
    let result = dy;
    shape.forEach((_, axis) => {
      if (reps[axis] === 1) return;
      const outer = util.sizeFromShape(shape.slice(0, axis));
      const behind = shape.slice(axis + 1).map((extent, i) => extent * reps[axis + 1 + i]!);
      const inner = shape[axis]! * util.sizeFromShape(behind);
      result = sum(reshape(result, [outer, reps[axis]!, inner]), 1);
    });
    return reshape(result, shape);
  }),
  splittingGradient('SplitV', 'x', (dys, { axis }: { axis: number }) => concat(dys, axis)),
  splittingGradient('Unpack', 'value', (dys, { axis }: { axis: number }) => stack(dys, axis)),
  listGradient('Concat', (dy, parts, { axis }: { axis: number }) => {
    const at = util.parseAxisParam(axis, dy.shape)[0]!;
    const sizes = parts.map((part) => part.shape[at]!);
    return (i) => {
      const begin = dy.shape.map((_, other) => (other === at ? sumBefore(sizes, i) : 0));
      return slice(dy, begin, parts[i]!.shape);
    };
  }),
  listGradient('Pack', (dy, _parts, { axis }: { axis: number }) => {
    const pieces = unstack(dy, axis);
    return (i) => pieces[i]!;
  }),
  gradient(
    'GatherV2',
    ['x', 'indices'],
    (dy, [x, indices], { axis, batchDims = 0 }: { axis: number; batchDims?: number }) => ({
      x: () => {
        // Seen as [batch, outer, gathered, inner]: the gathered axis comes forward, equal indices of
        // one batch are added up, and it goes back.
        const at = util.parseAxisParam(axis, x.shape)[0]!;
        const shared = batchDims < 0 ? batchDims + indices.rank : batchDims;
        const size = (from: number, to: number) => util.sizeFromShape(x.shape.slice(from, to));
        const [batch, outer] = [size(0, shared), size(shared, at)];
        const [extent, inner] = [x.shape[at]!, size(at + 1, x.rank)];
        const picked = util.sizeFromShape(indices.shape.slice(shared));
        const rows = transpose(reshape(dy, [batch, outer, picked, inner]), [0, 2, 1, 3]);
        const places = reshape(indices, [batch, picked]);
        const ids =
          batch === 1
            ? places
            : add(places, mul(reshape(range(0, batch, 1, 'int32'), [batch, 1]), int(extent)));
        const summed = unsortedSegmentSum(
          reshape(rows, [batch * picked, outer * inner]),
          reshape(ids, [batch * picked]) as Tensor1D,
          batch * extent,
        );
        const moved = transpose(reshape(summed, [batch, extent, outer, inner]), [0, 2, 1, 3]);
        return reshape(moved, x.shape);
      },
      indices: () => zeros(indices.shape),
    }),
  ),
  gradient('UnsortedSegmentSum', ['segmentIds'], (dy, [ids]) => ({
    x: () => {
      const [count, ...inner] = dy.shape as [number, ...number[]];
      // Elements whose id is no segment's belong to no sum.
      const inside = clipByValue(ids, 0, count - 1);
      const rows = gather(dy, inside as Tensor1D);
      const counts = reshape(equal(inside, ids), [ids.size, ...inner.map(() => 1)]);
      return where(counts, rows, zerosLike(rows));
    },
    segmentIds: () => zeros(ids.shape),
  })),
];
