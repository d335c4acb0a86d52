import {
  type MirrorPadAttrs,
  type PackAttrs,
  type PadV2Attrs,
  type ReverseAttrs,
  type SliceAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  slice_util,
  type UnpackAttrs,
  util,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '@tweedie/core';
import { scalar } from '../graph/constant.js';
import type { Value } from '../graph/graph.js';
import * as op from '../graph/shape.js';
import { type KernelCall, type Lowering, listOf, lowering } from '../trace/lowering.js';
import {
  axisIn,
  image,
  inLayout,
  rows,
  type Traced,
  traced,
  tracedImage,
} from '../trace/traced.js';
import { reshaped } from './shape.js';

/** Cutting tensors up and putting them together. Images keep their layout. */

function part(
  x: Traced,
  begin: readonly number[],
  size: readonly number[],
  steps: readonly number[] = begin.map(() => 1),
): Traced {
  const { value, layout } = x;
  if (value.shape.length === 0 || sizeOf(size) === 0) {
    return traced(value.shape.length === 0 ? value : scalar(value.graph, x.type, 0), size);
  }
  // Along an axis on which the tensor repeats itself every part is alike.
  const full = inLayout(layout, x.shape);
  const repeats = full.map((extent, axis) => value.shape[axis] !== extent);
  const cut = op.slice(
    value,
    inLayout(layout, begin).map((start, axis) => (repeats[axis] ? 0 : start)),
    inLayout(layout, size).map((extent, axis) => (repeats[axis] ? 1 : extent)),
    inLayout(layout, steps).map((step, axis) => (repeats[axis] ? 1 : step)),
  );
  return tracedImage(cut, size, layout);
}

function slice({ inputs, attributes }: KernelCall<SliceAttrs>): Traced {
  const x = inputs.x!;
  const like = { dataId: {}, shape: [...x.shape], dtype: x.type };
  const [begin, size] = slice_util.parseSliceParams(like, attributes.begin, attributes.size);
  return part(x, begin!, size!);
}

function stridedSlice({ inputs, attributes }: KernelCall<StridedSliceAttrs>): Traced {
  const x = inputs.x!;
  const { begin, end, strides, finalShape } = slice_util.sliceInfo(
    [...x.shape],
    attributes.begin,
    attributes.end,
    attributes.strides,
    attributes.beginMask,
    attributes.endMask,
    attributes.ellipsisMask,
    attributes.newAxisMask,
    attributes.shrinkAxisMask,
  );
  const size = slice_util.computeOutShape(begin, end, strides);
  return reshaped(part(x, begin, size, strides), finalShape);
}

function reverse({ inputs, attributes }: KernelCall<ReverseAttrs>): Traced {
  const x = inputs.x!;
  const axes = util.parseAxisParam(attributes.dims, [...x.shape]);
  if (x.value.shape.length === 0) return x;
  const flipped = op.reverse(
    x.value,
    axes.map((axis) => axisIn(x.layout, axis)),
  );
  return tracedImage(flipped, x.shape, x.layout);
}

function concat(call: KernelCall<{ axis: number }>): Traced {
  const parts = listOf(call);
  const first = parts[0]!;
  const axis = util.parseAxisParam(call.attributes.axis, [...first.shape])[0]!;
  const shape = [...first.shape];
  shape[axis] = parts.reduce((sum, { shape: extents }) => sum + extents[axis]!, 0);
  const filled = parts.filter(({ shape: extents }) => sizeOf(extents) > 0);
  if (filled.length === 0) return traced(scalar(call.graph, first.type, 0), shape);
  const layout = filled.find((x) => x.layout !== 'rows')?.layout ?? 'rows';
  const values = filled.map((x) => image(x, layout));
  return tracedImage(op.concat(values, axisIn(layout, axis)), shape, layout);
}

function split({ inputs, attributes }: KernelCall<SplitVAttrs>): readonly Traced[] {
  const x = inputs.x!;
  const axis = util.parseAxisParam(attributes.axis, [...x.shape])[0]!;
  const extent = x.shape[axis]!;
  const { numOrSizeSplits: asked } = attributes;
  const sizes =
    typeof asked === 'number'
      ? Array.from({ length: asked }, () => extent / asked)
      : // At most one size is −1, which takes what the others leave.
        asked.map((size) => (size === -1 ? extent - asked.reduce((a, b) => a + b, 1) : size));
  if (x.value.shape.length === 0) {
    return sizes.map((size) =>
      traced(
        x.value,
        x.shape.map((full, i) => (i === axis ? size : full)),
      ),
    );
  }
  return op.split(rows(x), sizes, axis).map((piece) => traced(piece));
}

function unpack({ inputs, attributes }: KernelCall<UnpackAttrs>): readonly Traced[] {
  const x = inputs.value!;
  const axis = util.parseAxisParam(attributes.axis, [...x.shape])[0]!;
  const shape = x.shape.filter((_, i) => i !== axis);
  const sizes = Array.from({ length: x.shape[axis]! }, () => 1);
  return op.split(rows(x), sizes, axis).map((piece) => traced(op.reshape(piece, shape)));
}

function pack(call: KernelCall<PackAttrs>): Traced {
  const parts = listOf(call).map(rows);
  const { axis } = call.attributes;
  const at = axis < 0 ? axis + parts[0]!.shape.length + 1 : axis;
  const withAxis = (x: Value) => op.reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
  return traced(op.concat(parts.map(withAxis), at));
}

function pad({ inputs, attributes }: KernelCall<PadV2Attrs>): Traced {
  const x = inputs.x!;
  const { paddings, constantValue } = attributes;
  const padded = op.pad(
    image(x, x.layout),
    inLayout(
      x.layout,
      paddings.map(([before]) => before),
    ),
    inLayout(
      x.layout,
      paddings.map(([, after]) => after),
    ),
    constantValue,
  );
  const shape = x.shape.map((extent, axis) => paddings[axis]![0] + extent + paddings[axis]![1]);
  return tracedImage(padded, shape, x.layout);
}

/** Reflection, axis by axis, from mirrored slices: ONNX has no symmetric mode. */
function mirrorPad({ inputs, attributes }: KernelCall<MirrorPadAttrs>): Traced {
  const skipped = attributes.mode === 'reflect' ? 1 : 0;
  let value = rows(inputs.x!);
  attributes.paddings.forEach(([before, after], axis) => {
    const extent = value.shape[axis]!;
    const mirrored = (begin: number, size: number) =>
      op.reverse(op.sliceAxis(value, axis, begin, size), [axis]);
    const pieces = [value];
    if (before > 0) pieces.unshift(mirrored(skipped, before));
    if (after > 0) pieces.push(mirrored(extent - skipped - after, after));
    value = op.concat(pieces, axis);
  });
  return traced(value);
}

export const partLowerings: readonly Lowering[] = [
  lowering('Slice', slice),
  lowering('StridedSlice', stridedSlice),
  lowering('Reverse', reverse),
  lowering('Concat', concat),
  lowering('SplitV', split),
  lowering('Unpack', unpack),
  lowering('Pack', pack),
  lowering('PadV2', pad),
  lowering('MirrorPad', mirrorPad),
];
