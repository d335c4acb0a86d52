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
import { scalar } from '../ir/constant.js';
import type { Value } from '../ir/graph.js';
import * as op from '../ir/shape.js';
import { axesIn, commonLayout, inLayout, type Layout, physicalShape } from '../tensors/layout.js';
import {
  arranged,
  rowMajor,
  type SymbolicTensor,
  symbolic,
  valueIn,
} from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, listOf, lowering } from './lowering.js';
import { reshaped } from './shape.js';

/** Cutting tensors up and putting them together. Images keep their layout where they can. */

/** The layout in which channels can be counted from `begin`: blocks only by whole blocks. */
function layoutForChannels(x: SymbolicTensor, ...counts: readonly number[]): Layout {
  const { blockSize } = x.value.graph;
  return x.layout === 'NCHWc' && counts.some((count) => count % blockSize !== 0)
    ? 'NHWC'
    : x.layout;
}

function part(
  x: SymbolicTensor,
  begin: readonly number[],
  size: readonly number[],
  steps: readonly number[] = begin.map(() => 1),
): SymbolicTensor {
  const { graph } = x.value;
  if (x.value.shape.length === 0) return symbolic(x.value, size);
  if (sizeOf(size) === 0) return symbolic(scalar(graph, x.type, 0), size);
  const isImage = x.layout !== 'NHWC';
  const layout =
    isImage && steps[3] !== 1
      ? 'NHWC'
      : layoutForChannels(x, isImage ? begin[3]! : 0, size[3] ?? 0);
  const value = arranged(x, layout);
  const b = graph.blockSize;
  // Along an axis on which the tensor repeats itself every part is alike.
  const full = physicalShape(x.shape, layout, b);
  const repeats = full.map((extent, axis) => value.shape[axis] !== extent);
  const starts = inLayout(layout, begin, (first) => [first / b, 0]);
  const sizes = physicalShape(size, layout, b);
  const strides = inLayout(layout, steps, () => [1, 1]);
  const cut = op.slice(
    value,
    starts.map((start, axis) => (repeats[axis] ? 0 : start)),
    sizes.map((extent, axis) => (repeats[axis] ? 1 : extent)),
    strides.map((step, axis) => (repeats[axis] ? 1 : step)),
  );
  return symbolic(cut, size, layout);
}

function slice({ inputs, attributes }: KernelCall<SliceAttrs>): SymbolicTensor {
  const x = inputs.x!;
  const like = { dataId: {}, shape: [...x.shape], dtype: x.type };
  const [begin, size] = slice_util.parseSliceParams(like, attributes.begin, attributes.size);
  return part(x, begin!, size!);
}

function stridedSlice({ inputs, attributes }: KernelCall<StridedSliceAttrs>): SymbolicTensor {
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

function reverse({ inputs, attributes }: KernelCall<ReverseAttrs>): SymbolicTensor {
  const x = inputs.x!;
  const axes = util.parseAxisParam(attributes.dims, [...x.shape]);
  if (x.value.shape.length === 0) return x;
  const layout = x.layout === 'NCHWc' && axes.includes(3) ? 'NHWC' : x.layout;
  const flipped = op.reverse(arranged(x, layout), axesIn(layout, axes));
  return symbolic(flipped, x.shape, layout);
}

function concat(call: KernelCall<{ axis: number }>): SymbolicTensor {
  const parts = listOf(call);
  const first = parts[0]!;
  const axis = util.parseAxisParam(call.attributes.axis, [...first.shape])[0]!;
  const shape = [...first.shape];
  shape[axis] = parts.reduce((sum, { shape: extents }) => sum + extents[axis]!, 0);
  const filled = parts.filter(({ shape: extents }) => sizeOf(extents) > 0);
  if (filled.length === 0) return symbolic(scalar(call.graph, first.type, 0), shape);
  const common = commonLayout(filled);
  const channels = filled.map(({ shape: extents }) => extents[3]!);
  const layout = layoutForChannels({ ...filled[0]!, layout: common }, ...channels);
  const values = filled.map((x) => valueIn(x, layout));
  return symbolic(op.concat(values, axesIn(layout, [axis])[0]!), shape, layout);
}

function split({ inputs, attributes }: KernelCall<SplitVAttrs>): readonly SymbolicTensor[] {
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
      symbolic(
        x.value,
        x.shape.map((full, i) => (i === axis ? size : full)),
      ),
    );
  }
  return op.split(rowMajor(x), sizes, axis).map((piece) => symbolic(piece));
}

function unpack({ inputs, attributes }: KernelCall<UnpackAttrs>): readonly SymbolicTensor[] {
  const x = inputs.value!;
  const axis = util.parseAxisParam(attributes.axis, [...x.shape])[0]!;
  const shape = x.shape.filter((_, i) => i !== axis);
  const sizes = Array.from({ length: x.shape[axis]! }, () => 1);
  return op.split(rowMajor(x), sizes, axis).map((piece) => symbolic(op.reshape(piece, shape)));
}

function pack(call: KernelCall<PackAttrs>): SymbolicTensor {
  const parts = listOf(call).map(rowMajor);
  const { axis } = call.attributes;
  const at = axis < 0 ? axis + parts[0]!.shape.length + 1 : axis;
  const withAxis = (x: Value) => op.reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
  return symbolic(op.concat(parts.map(withAxis), at));
}

function pad({ inputs, attributes }: KernelCall<PadV2Attrs>): SymbolicTensor {
  const x = inputs.x!;
  const { paddings, constantValue } = attributes;
  const before = paddings.map(([count]) => count);
  const after = paddings.map(([, count]) => count);
  const isImage = x.layout !== 'NHWC';
  const layout = isImage ? layoutForChannels(x, before[3]!, after[3]!) : 'NHWC';
  const blocks = (count: number): [number, number] => [count / x.value.graph.blockSize, 0];
  const padded = op.pad(
    valueIn(x, layout),
    inLayout(layout, before, blocks),
    inLayout(layout, after, blocks),
    constantValue,
  );
  const shape = x.shape.map((extent, axis) => before[axis]! + extent + after[axis]!);
  return symbolic(padded, shape, layout);
}

/** Reflection, axis by axis, from mirrored slices: ONNX has no symmetric mode. */
function mirrorPad({ inputs, attributes }: KernelCall<MirrorPadAttrs>): SymbolicTensor {
  const skipped = attributes.mode === 'reflect' ? 1 : 0;
  let value = rowMajor(inputs.x!);
  attributes.paddings.forEach(([before, after], axis) => {
    const extent = value.shape[axis]!;
    const mirrored = (begin: number, size: number) =>
      op.reverse(op.sliceAxis(value, axis, begin, size), [axis]);
    const pieces = [value];
    if (before > 0) pieces.unshift(mirrored(skipped, before));
    if (after > 0) pieces.push(mirrored(extent - skipped - after, after));
    value = op.concat(pieces, axis);
  });
  return symbolic(value);
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
