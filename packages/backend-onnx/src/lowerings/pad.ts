import type { MirrorPadAttrs, PadV2Attrs } from '@tensorflow/tfjs-core';
import * as op from '../ir/shape.js';
import { inLayout, layoutForChannels } from '../tensors/layout.js';
import { rowMajor, type SymbolicTensor, symbolic, valueIn } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';

/** With a constant. An image keeps its layout where it can. */
function pad({ inputs, attributes }: KernelCall<PadV2Attrs>): SymbolicTensor {
  const x = inputs.x!;
  const { paddings, constantValue } = attributes;
  const before = paddings.map(([count]) => count);
  const after = paddings.map(([, count]) => count);
  const { blockSize } = x.value.graph;
  const isImage = x.layout !== 'NHWC';
  const layout = isImage ? layoutForChannels(x.layout, blockSize, before[3]!, after[3]!) : 'NHWC';
  const blocks = (count: number): [number, number] => [count / blockSize, 0];
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
    const joined = [value];
    if (before > 0) joined.unshift(mirrored(skipped, before));
    if (after > 0) joined.push(mirrored(extent - skipped - after, after));
    value = op.concat(joined, axis);
  });
  return symbolic(value);
}

export const padLowerings: readonly Lowering[] = [
  lowering('PadV2', pad),
  lowering('MirrorPad', mirrorPad),
];
