import { int, type Value } from '../graph/graph.js';
import { pad, reshape, reverse, transpose } from '../graph/shape.js';
import { reorderInput } from './reorder.js';

type Four = [number, number, number, number];

/**
 * A filter [K, C, R, S] as the blocked convolution wants it, [K/b, C/b, R·S, c, k], declared as
 * [K, C, R, S]. With fewer channels than a block (the first layer) it is [K/b, C, R·S, k].
 */
export function blockFilter(filter: Value): Value {
  const { blockSize: b } = filter.graph;
  const [outputs, inputs, rows, columns] = filter.shape as Four;
  const taps = rows * columns;
  const outputsLast = blockRows(reshape(filter, [outputs, inputs * taps]));
  if (inputs < b) return reshape(outputsLast, filter.shape);
  const split = reshape(outputsLast, [outputs / b, inputs / b, b, taps, b]);
  return reshape(transpose(split, [0, 1, 3, 2, 4]), filter.shape);
}

/** The other way: [K/b, C/b, R·S, c, k] as [K, C, R, S]. */
export function unblockFilter(blocks: Value, shape: Four): Value {
  const { blockSize: b } = blocks.graph;
  const [outputs, inputs, rows, columns] = shape;
  const split = reshape(blocks, [outputs / b, inputs / b, rows * columns, b, b]);
  const outputsLast = transpose(split, [0, 1, 3, 2, 4]);
  return reshape(unblockRows(outputsLast, outputs), shape);
}

/** The filter of the input's gradient, turned by half a turn and from outputs to inputs, in blocks. */
export function blockMirroredFilter(filter: Value): Value {
  const [outputs, inputs, rows, columns] = filter.shape as Four;
  const swapped = transpose(reshape(filter, [outputs, inputs, rows * columns]), [1, 0, 2]);
  const mirrored = reverse(swapped, [2]);
  return blockFilter(reshape(mirrored, [inputs, outputs, rows, columns]));
}

/** A filter with zeros for further outputs, up to a whole block. */
export function wholeBlock(filter: Value): Value {
  const { blockSize } = filter.graph;
  const missing = blockSize - filter.shape[0]!;
  return pad(filter, [0, 0, 0, 0], [missing, 0, 0, 0]);
}

/** [M, L] as [M/b, L, b]. */
export function blockRows(matrix: Value): Value {
  const [rows, length] = matrix.shape as [number, number];
  return reorderInput(reshape(matrix, [1, rows, 1, length]), [1, rows, 1, length], false);
}

/** [M/b, L, b], under any shape, as [M, L]. */
function unblockRows(blocks: Value, rows: number): Value {
  const length = blocks.shape.reduce((a, b) => a * b, 1) / rows;
  const shape = [1, rows, 1, length];
  const [matrix] = blocks.graph.emit(
    'ReorderOutput',
    [reshape(blocks, shape)],
    [{ type: blocks.type, shape }],
    { channels: int(rows) },
    'com.microsoft.nchwc',
  );
  return matrix!;
}
