import { sizeOf } from '@tweedie/core';
import { mul } from './arithmetic.js';
import { indices } from './constant.js';
import { int, type Value } from './graph.js';
import { reshape } from './shape.js';

export type Reducer = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd';

/**
 * Reduces the given axes and drops them. ONNX Runtime is fast where what it reduces lies together
 * (one run of axes), so several runs are reduced one after the other, the innermost first.
 */
export function reduce(how: Reducer, x: Value, axes: readonly number[]): Value {
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  if (axes.length === 0) return x;
  const runs: { extent: number; reduced: boolean }[] = [];
  x.shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const reduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.reduced === reduced) last.extent *= extent;
    else runs.push({ extent, reduced });
  });
  let value = reshape(
    x,
    runs.map((run) => run.extent),
  );
  for (let run = runs.length - 1; run >= 0; run--) {
    if (runs[run]!.reduced) value = reduceAxis(how, value, run);
  }
  return reshape(value, kept);
}

function reduceAxis(how: Reducer, x: Value, axis: number): Value {
  const shape = x.shape.filter((_, i) => i !== axis);
  const attributes = { keepdims: int(0) };
  const inputs = [x, indices(x.graph, [axis])];
  return x.graph.emit(how, inputs, [{ type: x.type, shape }], attributes)[0]!;
}

export const reduceSum = (x: Value, axes: readonly number[]) => reduce('ReduceSum', x, axes);

/** The mean of float32 values over axes that are dropped. */
export function reduceMean(x: Value, axes: readonly number[]): Value {
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  return mul(reduceSum(x, axes), 1 / count);
}
