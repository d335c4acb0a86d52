import { sizeOf } from '@tweedie/core';
import { add, mul, sub } from '../ir/arithmetic.js';
import type { Value } from '../ir/graph.js';
import { reduceMean } from '../ir/reduction.js';
import { reshape } from '../ir/shape.js';
import { affineNchwc, channelMeans, channelProductMeans } from '../nchwc/operators.js';
import type { Layout } from './layout.js';
import { type SymbolicTensor, valueIn } from './symbolic-tensor.js';

/** What normalisation needs of a tensor [N, ..., C], in the layout that it has. */
export interface Channels {
  readonly items: number;
  readonly channels: number;
  /** Positions of one item. */
  readonly positions: number;
  /** All elements. */
  readonly value: Value;
  /** The mean over the positions of values of this tensor's shape and layout: [N, C]. */
  means(value: Value): Value;
  /** The mean over the positions of a·b, two values of this tensor's shape and layout: [N, C]. */
  productMeans(a: Value, b: Value): Value;
  /** value · scale (+ offset), each [N, C]. */
  affine(value: Value, scale: Value, offset?: Value): Value;
  /** 1 + a − b of two values of this tensor's shape and layout. */
  onePlusDifference(a: Value, b: Value): Value;
  /** A value of this layout as a tensor. */
  tensor(value: Value): SymbolicTensor;
}

export function channelsOf(x: SymbolicTensor, layout: Layout): Channels {
  const items = x.shape[0]!;
  const channels = x.shape.at(-1)!;
  const positions = sizeOf(x.shape) / items / channels;
  const value = valueIn(x, layout);
  const shared = {
    items,
    channels,
    positions,
    value,
    tensor: (v: Value): SymbolicTensor => ({ ...x, layout, value: v }),
  };
  if (layout === 'NCHWc') {
    const filled = (factor: number) =>
      x.value.graph.constant('float32', new Float32Array(items * channels).fill(factor), [
        items,
        channels,
      ]);
    return {
      ...shared,
      means: channelMeans,
      productMeans: channelProductMeans,
      affine: (v, scale, offset) => affineNchwc(v, scale, offset ?? null),
      onePlusDifference: (a, b) => affineNchwc(b, filled(-1), filled(1), a),
    };
  }
  const isNchw = layout === 'NCHW';
  const folded = isNchw ? [items, channels, positions] : [items, positions, channels];
  const spread = isNchw ? [items, channels, 1] : [items, 1, channels];
  const means = (v: Value) => reduceMean(reshape(v, folded), [isNchw ? 2 : 1]);
  return {
    ...shared,
    means,
    productMeans: (a, b) => means(mul(a, b)),
    onePlusDifference: (a, b) => sub(add(a, 1), b),
    affine(v, scale, offset) {
      const scaled = mul(reshape(v, folded), reshape(scale, spread));
      const moved = offset === undefined ? scaled : add(scaled, reshape(offset, spread));
      return reshape(moved, value.shape);
    },
  };
}
