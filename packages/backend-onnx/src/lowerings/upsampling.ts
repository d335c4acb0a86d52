import { mul } from '../ir/arithmetic.js';
import { type Attributes, int, ints, text, type Value } from '../ir/graph.js';
import { tileMeans, upsampleNchwc, windowMeans } from '../nchwc/operators.js';
import { fromNchw, fromNchwc, type SymbolicTensor, valueIn } from '../tensors/symbolic-tensor.js';
import { type Lowering, lowering } from './lowering.js';

type FourExtents = [number, number, number, number];
type Pair = readonly [number, number];

/** Repeats each pixel of NCHW. */
function upsampledNchw(x: Value, [tall, wide]: Pair): Value {
  if (tall === 1 && wide === 1) return x;
  const [items, channels, height, width] = x.shape as FourExtents;
  const scales = x.graph.constant('float32', Float32Array.of(1, 1, tall, wide), [4]);
  const shape = [items, channels, height * tall, width * wide];
  return x.graph.emit('Resize', [x, null, scales], [{ type: x.type, shape }], {
    mode: text('nearest'),
    coordinate_transformation_mode: text('asymmetric'),
    nearest_mode: text('floor'),
  })[0]!;
}

interface Window {
  readonly filter: Pair;
  readonly strides: Pair;
  readonly padding: readonly [top: number, bottom: number, left: number, right: number];
  readonly output: Pair;
}

function pooled(x: Value, window: Window, more: Attributes = {}): Value {
  const [top, bottom, left, right] = window.padding;
  const attributes: Attributes = {
    kernel_shape: ints(window.filter),
    strides: ints(window.strides),
    pads: ints([top, left, bottom, right]),
    ...more,
  };
  const [items, channels] = x.shape as FourExtents;
  const shape = [items, channels, ...window.output];
  return x.graph.emit('AveragePool', [x], [{ type: x.type, shape }], attributes)[0]!;
}

/** Repeats each pixel, in the image's layout. */
export function upsampled(x: SymbolicTensor, factors: Pair): SymbolicTensor {
  if (x.layout === 'NCHWc') return fromNchwc(upsampleNchwc(valueIn(x, 'NCHWc'), factors));
  return fromNchw(upsampledNchw(valueIn(x, 'NCHW'), factors));
}

/** The sum over each tile of pixels. */
function tileSums(x: SymbolicTensor, tile: Pair): SymbolicTensor {
  const sums = (means: Value) => mul(means, tile[0] * tile[1]);
  if (x.layout === 'NCHWc') return fromNchwc(sums(tileMeans(valueIn(x, 'NCHWc'), tile)));
  const [, height, width] = x.shape as FourExtents;
  const window: Window = {
    filter: tile,
    strides: tile,
    padding: [0, 0, 0, 0],
    output: [height / tile[0], width / tile[1]],
  };
  return fromNchw(sums(pooled(valueIn(x, 'NCHW'), window)));
}

/** The mean over an odd window around each pixel; zeros beyond the border count. */
function averaged(x: SymbolicTensor, window: number): SymbolicTensor {
  if (x.layout === 'NCHWc') return fromNchwc(windowMeans(valueIn(x, 'NCHWc'), window));
  const [, height, width] = x.shape as FourExtents;
  const reach = (window - 1) / 2;
  const around: Window = {
    filter: [window, window],
    strides: [1, 1],
    padding: [reach, reach, reach, reach],
    output: [height, width],
  };
  const zerosCount = { count_include_pad: int(1) };
  return fromNchw(pooled(valueIn(x, 'NCHW'), around, zerosCount));
}

export const upsamplingLowerings: readonly Lowering[] = [
  lowering<{ factor: number }>('TweedieUpsampleNearest', ({ inputs, attributes: { factor } }) =>
    upsampled(inputs.x!, [factor, factor]),
  ),
  lowering<{ factor: number }>('TweedieUpsampleNearestGrad', ({ inputs, attributes: { factor } }) =>
    tileSums(inputs.dy!, [factor, factor]),
  ),
  lowering<{ window: number }>('TweedieAveragePool', ({ inputs, attributes: { window } }) =>
    averaged(inputs.x!, window),
  ),
];
