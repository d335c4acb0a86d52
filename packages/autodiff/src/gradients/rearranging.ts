import {
  add,
  batchToSpaceND,
  type GradConfig,
  mul,
  pad,
  reshape,
  reverse,
  slice,
  slice_util,
  spaceToBatchND,
  sum,
  type Tensor,
  tensor,
  transpose,
} from '@tensorflow/tfjs-core';
import { gradient } from '../tape/gradient.js';
import { unbroadcast } from './broadcasting.js';
import { unstrided } from './windows.js';

// Operations that only move elements; tfjs has no gradient for some, and a wrong one for mirrorPad.

interface Blocks {
  readonly blockShape: number[];
}

interface StridedSlice {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** The adjoint of a reflection along one axis: what was copied into the frame comes back. */
function unmirrored(dy: Tensor, axis: number, [before, after]: [number, number], skipped: number) {
  const extent = dy.shape[axis]! - before - after;
  const piece = (begin: number, size: number) =>
    slice(
      dy,
      dy.shape.map((_, i) => (i === axis ? begin : 0)),
      dy.shape.map((full, i) => (i === axis ? size : full)),
    );
  const back = (begin: number, size: number, at: number) =>
    pad(
      reverse(piece(begin, size), axis),
      dy.shape.map((_, i): [number, number] => (i === axis ? [at, extent - at - size] : [0, 0])),
    );
  let result = piece(before, extent);
  if (before > 0) result = add(result, back(0, before, skipped));
  if (after > 0) result = add(result, back(before + extent, after, extent - skipped - after));
  return result;
}

/** Where row and column of a square matrix are the same: [n, n]. */
const identity = (n: number) =>
  tensor(
    Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
    [n, n],
  );

export const rearrangingGradients: readonly GradConfig[] = [
  gradient(
    'SpaceToBatchND',
    [],
    (
      dy,
      _inputs,
      { blockShape, paddings }: Blocks & { readonly paddings: [number, number][] },
    ) => ({
      x: () => batchToSpaceND(dy, blockShape, paddings),
    }),
  ),
  gradient(
    'BatchToSpaceND',
    [],
    (dy, _inputs, { blockShape, crops }: Blocks & { readonly crops: [number, number][] }) => ({
      x: () => spaceToBatchND(dy, blockShape, crops),
    }),
  ),
  gradient('DepthToSpace', [], (dy, _inputs, { blockSize: b }: { readonly blockSize: number }) => ({
    x: () => {
      const [items, height, width, channels] = dy.shape as [number, number, number, number];
      const blocks = reshape(dy, [items, height / b, b, width / b, b, channels]);
      const depths = transpose(blocks, [0, 1, 3, 2, 4, 5]);
      return reshape(depths, [items, height / b, width / b, b * b * channels]);
    },
  })),
  gradient(
    'MirrorPad',
    [],
    (
      dy,
      _inputs,
      { paddings, mode }: { readonly paddings: [number, number][]; readonly mode: string },
    ) => ({
      x: () =>
        paddings.reduceRight(
          (flow, sides, axis) =>
            sides[0] === 0 && sides[1] === 0
              ? flow
              : unmirrored(flow, axis, sides, mode === 'reflect' ? 1 : 0),
          reshape(dy, dy.shape),
        ),
    }),
  ),
  gradient('StridedSlice', ['x'], (dy, [x], attributes: StridedSlice) => ({
    x: () => {
      const { begin, end, strides } = slice_util.sliceInfo(
        x.shape,
        attributes.begin,
        attributes.end,
        attributes.strides,
        attributes.beginMask,
        attributes.endMask,
        attributes.ellipsisMask,
        attributes.newAxisMask,
        attributes.shrinkAxisMask,
      );
      const extents = slice_util.computeOutShape(begin, end, strides);
      return unstrided(reshape(dy, extents), x.shape, begin, strides);
    },
  })),
  gradient('BroadcastTo', ['x'], (dy, [x]) => ({ x: () => unbroadcast(dy, x.shape) })),
  gradient('Diag', ['x'], (dy, [x]) => ({
    x: () => reshape(sum(mul(reshape(dy, [x.size, x.size]), identity(x.size)), 1), x.shape),
  })),
];
