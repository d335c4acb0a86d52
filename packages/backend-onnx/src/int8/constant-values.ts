import { sizeOf } from '@tweedie/core';
import type { Value } from '../ir/graph.js';

/**
 * The numbers of a value that follows from constants by reshaping, repeating one number, or
 * splitting a flat vector, as parameters do; undefined for any other.
 */
export function constantValues(value: Value): Float32Array | undefined {
  if (value.type !== 'float32') return undefined;
  if (value.source.kind === 'constant') return value.source.data as Float32Array;
  if (value.source.kind === 'input') return undefined;
  const { operator, inputs, outputs } = value.source.node;
  if (!['Reshape', 'Expand', 'Split'].includes(operator)) return undefined;
  const whole = inputs[0]!;
  const numbers = constantValues(whole);
  if (numbers === undefined || operator === 'Reshape') return numbers;
  const size = sizeOf(value.shape);
  if (operator === 'Expand') {
    return numbers.length === 1 ? new Float32Array(size).fill(numbers[0]!) : undefined;
  }
  if (whole.shape.length !== 1) return undefined;
  const before = outputs.slice(0, outputs.indexOf(value));
  const begin = before.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return numbers.subarray(begin, begin + size);
}
