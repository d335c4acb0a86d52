import {
  type AvgPoolAttrs,
  backend_util,
  type ResizeNearestNeighborAttrs,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { mul } from '../graph/arithmetic.js';
import { type Attributes, ints, text, type Value } from '../graph/graph.js';
import { type Lowering, lowering } from '../trace/lowering.js';
import { image, type Traced, tracedImage } from '../trace/traced.js';

type FourExtents = [number, number, number, number];
type Pair = readonly [number, number];

/** Repeats each pixel of planes. */
function enlarged(x: Value, [tall, wide]: Pair): Value {
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

function pooled(operator: 'AveragePool' | 'MaxPool', x: Value, window: Window): Value {
  const [top, bottom, left, right] = window.padding;
  const attributes: Attributes = {
    kernel_shape: ints(window.filter),
    strides: ints(window.strides),
    pads: ints([top, left, bottom, right]),
  };
  const [items, channels] = x.shape as FourExtents;
  const shape = [items, channels, ...window.output];
  return x.graph.emit(operator, [x], [{ type: x.type, shape }], attributes)[0]!;
}

/** The sum over each tile of planes. */
function tileSums(x: Value, [tall, wide]: Pair): Value {
  const [, , height, width] = x.shape as FourExtents;
  const mean = pooled('AveragePool', x, {
    filter: [tall, wide],
    strides: [tall, wide],
    padding: [0, 0, 0, 0],
    output: [height / tall, width / wide],
  });
  return mul(mean, tall * wide);
}

const onPlanes = (x: Traced, change: (planes: Value) => Value): Traced => {
  const planes = change(image(x, 'planes'));
  const [items, channels, height, width] = planes.shape as FourExtents;
  return tracedImage(planes, [items, height, width, channels], 'planes');
};

function windowOf(shape: readonly number[], attributes: AvgPoolAttrs): Window {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = backend_util.computePool2DInfo(
    shape as FourExtents,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { padInfo } = info;
  return {
    filter: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    padding: [padInfo.top, padInfo.bottom, padInfo.left, padInfo.right],
    output: [info.outHeight, info.outWidth],
  };
}

/** How often a resize repeats each pixel. */
function wholeFactors(size: Pair, target: Pair, attributes: ResizeNearestNeighborAttrs): Pair {
  const factors = [target[0] / size[0], target[1] / size[1]] as const;
  const isPlain = !attributes.alignCorners && factors.every(Number.isInteger);
  if (isPlain) return factors;
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'backend-onnx',
    given: `resizeNearestNeighbor goes from [${size}] to [${target}]`,
    allowed: 'whole multiples of the size, without alignCorners, in a compiled function',
  });
}

const extentsOf = (x: Traced): Pair => [x.shape[1]!, x.shape[2]!];

export const resamplingLowerings: readonly Lowering[] = [
  lowering<{ factor: number }>('TweedieUpsampleNearest', ({ inputs, attributes: { factor } }) =>
    onPlanes(inputs.x!, (x) => enlarged(x, [factor, factor])),
  ),
  lowering<{ factor: number }>('TweedieUpsampleNearestGrad', ({ inputs, attributes }) =>
    onPlanes(inputs.dy!, (dy) => tileSums(dy, [attributes.factor, attributes.factor])),
  ),
  lowering<ResizeNearestNeighborAttrs>('ResizeNearestNeighbor', ({ inputs, attributes }) => {
    const factors = wholeFactors(extentsOf(inputs.images!), attributes.size, attributes);
    return onPlanes(inputs.images!, (x) => enlarged(x, factors));
  }),
  lowering<AvgPoolAttrs>('AvgPool', ({ inputs, attributes }) =>
    onPlanes(inputs.x!, (x) => pooled('AveragePool', x, windowOf(inputs.x!.shape, attributes))),
  ),
  lowering<AvgPoolAttrs>('MaxPool', ({ inputs, attributes }) =>
    onPlanes(inputs.x!, (x) => pooled('MaxPool', x, windowOf(inputs.x!.shape, attributes))),
  ),
];
