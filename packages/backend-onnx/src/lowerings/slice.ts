import {
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
import * as op from '../ir/shape.js';
import { axesIn, inLayout, layoutForChannels, physicalShape } from '../tensors/layout.js';
import { arranged, rowMajor, type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import { reshaped } from './shape.js';

/** `size` elements of each axis, from `begin` on. An image keeps its layout where it can. */
function sliced(
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
      : layoutForChannels(x.layout, graph.blockSize, isImage ? begin[3]! : 0, size[3] ?? 0);
  const value = arranged(x, layout);
  const b = graph.blockSize;
  // Along an axis on which the tensor repeats itself every slice is alike.
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
  return sliced(x, begin!, size!);
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
  return reshaped(sliced(x, begin, size, strides), finalShape);
}

function reverse({ inputs, attributes }: KernelCall<ReverseAttrs>): SymbolicTensor {
  const x = inputs.x!;
  const axes = util.parseAxisParam(attributes.dims, [...x.shape]);
  if (x.value.shape.length === 0) return x;
  const layout = x.layout === 'NCHWc' && axes.includes(3) ? 'NHWC' : x.layout;
  const flipped = op.reverse(arranged(x, layout), axesIn(layout, axes));
  return symbolic(flipped, x.shape, layout);
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
  return op.split(rowMajor(x), sizes, axis).map((value) => symbolic(value));
}

function unpack({ inputs, attributes }: KernelCall<UnpackAttrs>): readonly SymbolicTensor[] {
  const x = inputs.value!;
  const axis = util.parseAxisParam(attributes.axis, [...x.shape])[0]!;
  const shape = x.shape.filter((_, i) => i !== axis);
  const sizes = Array.from({ length: x.shape[axis]! }, () => 1);
  return op.split(rowMajor(x), sizes, axis).map((value) => symbolic(op.reshape(value, shape)));
}

export const sliceLowerings: readonly Lowering[] = [
  lowering('Slice', slice),
  lowering('StridedSlice', stridedSlice),
  lowering('Reverse', reverse),
  lowering('SplitV', split),
  lowering('Unpack', unpack),
];
