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

/** The maximum of an odd window along one axis of NCHW, and its index among all elements. */
function maxPoolAlong(x: Value, axis: 2 | 3, window: number): { maxima: Value; indices: Value } {
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
  const [maxima, indices] = x.graph.emit('MaxPool', [x], outputs, attributes);
  return { maxima: maxima!, indices: indices! };
}

/**
 * The index of the maximum in an odd window around each pixel among all elements, flat. Along the rows
 * and then along the columns: the runtime looks at every element of a window, so this is faster.
 */
function indicesOfMaxima(x: Value, window: number): Value {
  const across = maxPoolAlong(x, 3, window);
  const down = maxPoolAlong(across.maxima, 2, window);
  return gatherElements(flat(across.indices), flat(down.indices));
}

function gatherElements(x: Value, indices: Value): Value {
  const outputs = [{ type: x.type, shape: indices.shape }];
  return x.graph.emit('GatherElements', [x, indices], outputs, { axis: int(0) })[0]!;
}

const flat = (x: Value) => reshape(x, [sizeOf(x.shape)]);

function maxPool(x: SymbolicTensor, window: number): SymbolicTensor {
  if (x.layout === 'NCHWc') return fromNchwc(windowMaxima(valueIn(x, 'NCHWc'), window));
  const nchw = valueIn(x, 'NCHW');
  return fromNchw(maxPoolAlong(maxPoolAlong(nchw, 3, window).maxima, 2, window).maxima);
}

/** Values from where the maxima are. */
function gatherAtMaxima(x: SymbolicTensor, values: SymbolicTensor, window: number): SymbolicTensor {
  const nchw = valueIn(x, 'NCHW');
  const picked = gatherElements(flat(valueIn(values, 'NCHW')), indicesOfMaxima(nchw, window));
  return fromNchw(reshape(picked, nchw.shape));
}

/** dy added up where the maxima are. */
function scatterToMaxima(x: SymbolicTensor, dy: SymbolicTensor, window: number): SymbolicTensor {
  const nchw = valueIn(x, 'NCHW');
  const updates = flat(valueIn(dy, 'NCHW'));
  const zeros = expand(scalar(updates.graph, updates.type, 0), updates.shape);
  const sums = updates.graph.emit(
    'ScatterElements',
    [zeros, indicesOfMaxima(nchw, window), updates],
    [{ type: updates.type, shape: updates.shape }],
    { axis: int(0), reduction: text('add') },
  )[0]!;
  return fromNchw(reshape(sums, nchw.shape));
}

export const maxPoolLowerings: readonly Lowering[] = [
  lowering<WindowAttributes>('TweedieMaxPool', ({ inputs, attributes: { window } }) =>
    maxPool(inputs.x!, window),
  ),
  lowering<WindowAttributes>('TweedieMaxPoolPick', ({ inputs, attributes: { window } }) =>
    gatherAtMaxima(inputs.x!, inputs.values!, window),
  ),
  lowering<WindowAttributes>('TweedieMaxPoolSpread', ({ inputs, attributes: { window } }) =>
    scatterToMaxima(inputs.x!, inputs.dy!, window),
  ),
];
