import { sizeOf } from '@tweedie/core';
import { indices, scalar } from './constant.js';
import { int, ints, type Value } from './graph.js';

/** Operators that move elements and compute nothing. Those that would move none emit no node. */

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

export function reshape(x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  const { graph, source } = x;
  if (source.kind === 'constant') return graph.constant(x.type, source.data, shape);
  if (source.kind === 'node' && source.node.operator === 'Reshape') {
    return reshape(source.node.inputs[0]!, shape);
  }
  // ONNX reads 0 as 'keep the extent', which is wrong only where it meant to be 0.
  const attributes = shape.includes(0) ? { allowzero: int(1) } : {};
  return graph.emit(
    'Reshape',
    [x, indices(graph, shape)],
    [{ type: x.type, shape }],
    attributes,
  )[0]!;
}

export function transpose(x: Value, permutation: readonly number[]): Value {
  if (permutation.every((from, to) => from === to)) return x;
  const { graph, source } = x;
  const shape = permutation.map((axis) => x.shape[axis]!);
  // Where only axes of extent 1 change places no element moves.
  const moving = permutation.filter((axis) => x.shape[axis] !== 1);
  if (moving.every((axis, i) => i === 0 || axis > moving[i - 1]!)) return reshape(x, shape);
  if (source.kind === 'node' && source.node.operator === 'Transpose') {
    const inner = source.node.attributes.perm as { value: readonly number[] };
    return transpose(
      source.node.inputs[0]!,
      permutation.map((axis) => inner.value[axis]!),
    );
  }
  return graph.emit('Transpose', [x], [{ type: x.type, shape }], { perm: ints(permutation) })[0]!;
}

/** Repeats axes of extent 1 to the given shape, of the same rank or higher. */
export function expand(x: Value, shape: readonly number[]): Value {
  if (sizeOf(x.shape) === sizeOf(shape)) return reshape(x, shape);
  return x.graph.emit('Expand', [x, indices(x.graph, shape)], [{ type: x.type, shape }])[0]!;
}

export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0]!;
  const filled = values.filter((value) => value.shape[axis] !== 0);
  if (filled.length === 1) return filled[0]!;
  const shape = [...first.shape];
  shape[axis] = values.reduce((sum, value) => sum + value.shape[axis]!, 0);
  const inputs = filled.length === 0 ? [first] : filled;
  return first.graph.emit('Concat', inputs, [{ type: first.type, shape }], { axis: int(axis) })[0]!;
}

/** Elements begin, begin + step, … of each axis, `size` of them; a step may be negative. */
export function slice(
  x: Value,
  begin: readonly number[],
  size: readonly number[],
  steps: readonly number[] = begin.map(() => 1),
): Value {
  if (sameShape(size, x.shape) && steps.every((step) => step === 1)) return x;
  const axes = range(x.shape.length).filter(
    (axis) => size[axis] !== x.shape[axis] || steps[axis] !== 1,
  );
  const end = axes.map((axis) => {
    const past = begin[axis]! + size[axis]! * steps[axis]!;
    // Before the first element: a negative end counts from the back, so go below −extent.
    return past < 0 ? past - x.shape[axis]! - 1 : past;
  });
  const pick = (list: readonly number[]) => axes.map((axis) => list[axis]!);
  const inputs = [x, indices(x.graph, pick(begin)), indices(x.graph, end), indices(x.graph, axes)];
  if (axes.some((axis) => steps[axis] !== 1)) inputs.push(indices(x.graph, pick(steps)));
  return x.graph.emit('Slice', inputs, [{ type: x.type, shape: size }])[0]!;
}

/** Elements begin … begin + size of one axis. */
export function sliceAxis(x: Value, axis: number, begin: number, size: number): Value {
  const starts = x.shape.map((_, i) => (i === axis ? begin : 0));
  const sizes = x.shape.map((extent, i) => (i === axis ? size : extent));
  return slice(x, starts, sizes);
}

export function split(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  if (sizes.length === 1) return [x];
  const outputs = sizes.map((size) => ({
    type: x.type,
    shape: x.shape.map((extent, i) => (i === axis ? size : extent)),
  }));
  return x.graph.emit('Split', [x, indices(x.graph, sizes)], outputs, { axis: int(axis) });
}

export function reverse(x: Value, axes: readonly number[]): Value {
  const flipped = (axis: number) => axes.includes(axis) && x.shape[axis]! > 1;
  return slice(
    x,
    x.shape.map((extent, axis) => (flipped(axis) ? extent - 1 : 0)),
    x.shape,
    x.shape.map((_, axis) => (flipped(axis) ? -1 : 1)),
  );
}

export function pad(
  x: Value,
  before: readonly number[],
  after: readonly number[],
  fill = 0,
): Value {
  if ([...before, ...after].every((count) => count === 0)) return x;
  const shape = x.shape.map((extent, axis) => extent + before[axis]! + after[axis]!);
  const inputs = [x, indices(x.graph, [...before, ...after]), scalar(x.graph, x.type, fill)];
  return x.graph.emit('Pad', inputs, [{ type: x.type, shape }])[0]!;
}

export function tile(x: Value, repeats: readonly number[]): Value {
  if (repeats.every((count) => count === 1)) return x;
  const shape = x.shape.map((extent, axis) => extent * repeats[axis]!);
  return x.graph.emit('Tile', [x, indices(x.graph, repeats)], [{ type: x.type, shape }])[0]!;
}

/** Picks along one axis; the axes of `positions` (int32) take its place. */
export function gather(x: Value, positions: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), ...positions.shape, ...x.shape.slice(axis + 1)];
  return x.graph.emit('Gather', [x, positions], [{ type: x.type, shape }], { axis: int(axis) })[0]!;
}
