import { sizeOf } from '@tweedie/core';
import { scalar } from '../ir/constant.js';
import { int, ints, text, type Value } from '../ir/graph.js';
import { expand, reshape } from '../ir/shape.js';
import { windowMaxima } from '../nchwc/operators.js';
import { fromNchw, fromNchwc, type SymbolicTensor, valueIn } from '../tensors/symbolic-tensor.js';
import { type Lowering, lowering } from './lowering.js';

interface WindowAttributes {
  readonly window: number;
}

/** The greatest in an odd window along one axis of planes, and its place among all elements. */
function pooledAlong(x: Value, axis: 2 | 3, window: number): { maxima: Value; places: Value } {
  const reach = (window - 1) / 2;
  const along = (inside: number, outside: number) =>
    ints(axis === 2 ? [inside, outside] : [outside, inside]);
  const attributes = {
    kernel_shape: along(window, 1),
    strides: ints([1, 1]),
    pads: ints(axis === 2 ? [reach, 0, reach, 0] : [0, reach, 0, reach]),
  };
  const outputs = [
    { type: x.type, shape: x.shape },
    { type: 'int64' as const, shape: x.shape },
  ];
  const [maxima, places] = x.graph.emit('MaxPool', [x], outputs, attributes);
  return { maxima: maxima!, places: places! };
}

/**
 * Where the greatest in an odd window around each pixel is among all elements, flat. Along the rows
 * and then along the columns: the runtime looks at every element of a window, so this is faster.
 */
function placesOf(x: Value, window: number): Value {
  const across = pooledAlong(x, 3, window);
  const down = pooledAlong(across.maxima, 2, window);
  return elementsAt(flat(across.places), flat(down.places));
}

function elementsAt(x: Value, places: Value): Value {
  const outputs = [{ type: x.type, shape: places.shape }];
  return x.graph.emit('GatherElements', [x, places], outputs, { axis: int(0) })[0]!;
}

const flat = (x: Value) => reshape(x, [sizeOf(x.shape)]);

function maxPool(x: SymbolicTensor, window: number): SymbolicTensor {
  if (x.layout === 'NCHWc') return fromNchwc(windowMaxima(valueIn(x, 'NCHWc'), window));
  const planes = valueIn(x, 'NCHW');
  return fromNchw(pooledAlong(pooledAlong(planes, 3, window).maxima, 2, window).maxima);
}

/** Values from where the maxima are. */
function pick(x: SymbolicTensor, values: SymbolicTensor, window: number): SymbolicTensor {
  const planes = valueIn(x, 'NCHW');
  const picked = elementsAt(flat(valueIn(values, 'NCHW')), placesOf(planes, window));
  return fromNchw(reshape(picked, planes.shape));
}

/** dy added up where the maxima are. */
function spread(x: SymbolicTensor, dy: SymbolicTensor, window: number): SymbolicTensor {
  const planes = valueIn(x, 'NCHW');
  const updates = flat(valueIn(dy, 'NCHW'));
  const zeros = expand(scalar(updates.graph, updates.type, 0), updates.shape);
  const sums = updates.graph.emit(
    'ScatterElements',
    [zeros, placesOf(planes, window), updates],
    [{ type: updates.type, shape: updates.shape }],
    { axis: int(0), reduction: text('add') },
  )[0]!;
  return fromNchw(reshape(sums, planes.shape));
}

export const maxPoolLowerings: readonly Lowering[] = [
  lowering<WindowAttributes>('TweedieMaxPool', ({ inputs, attributes: { window } }) =>
    maxPool(inputs.x!, window),
  ),
  lowering<WindowAttributes>('TweedieMaxPoolPick', ({ inputs, attributes: { window } }) =>
    pick(inputs.x!, inputs.values!, window),
  ),
  lowering<WindowAttributes>('TweedieMaxPoolSpread', ({ inputs, attributes: { window } }) =>
    spread(inputs.x!, inputs.dy!, window),
  ),
];
