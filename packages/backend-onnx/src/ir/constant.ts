import type { ElementType } from './element-type.js';
import type { ConstantData, Graph, Value } from './graph.js';

/** A value, or a number that stands for a scalar constant of the other operand's type. */
export type Operand = Value | number;

export function dataOf(type: ElementType, values: readonly number[]): ConstantData {
  switch (type) {
    case 'float32':
      return Float32Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, BigInt);
    case 'bool':
    case 'uint8':
      return Uint8Array.from(values);
    case 'int8':
      return Int8Array.from(values);
  }
}

export function scalar(graph: Graph, type: ElementType, value: number): Value {
  return graph.constant(type, dataOf(type, [value]), []);
}

/** The int64 vectors in which operators take axes, shapes and offsets. */
export function indices(graph: Graph, values: readonly number[]): Value {
  return graph.constant('int64', dataOf('int64', values), [values.length]);
}

/** The number that a constant of one element holds. */
export function scalarOf(value: Value): number | undefined {
  if (value.source.kind !== 'constant' || value.source.data.length !== 1) return undefined;
  return Number(value.source.data[0]);
}

/** The operand as a value of the graph and type of `like`. */
export function asValue(operand: Operand, like: Value): Value {
  return typeof operand === 'number' ? scalar(like.graph, like.type, operand) : operand;
}
