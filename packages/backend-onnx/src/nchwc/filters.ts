import { int, type Value } from '../ir/graph.js';
import { pad, reshape, reverse, transpose } from '../ir/shape.js';
import { reorderInput } from './reorder.js';

type Four = [number, number, number, number];

/**
 * A filter [K, C, R, S] as the blocked convolution wants it, [K/b, C/b, R·S, c, k], declared as
 * [K, C, R, S]. With fewer inputs than a block (the first layer) it is [K/b, C, R·S, k]; with fewer
 * outputs it gets zeros for the rest of the block.
 */
export function blockFilter(filter: Value): Value {
  const [outputs, inputs, rows, columns] = filter.shape as Four;
  const blocks = filterBlocks(reshape(filter, [outputs, inputs, rows * columns]));
  return reshape(blocks, [wholeBlocks(filter, outputs), inputs, rows, columns]);
}

/** The same of the mirrored filter, [C, K, R, S], whose elements are reversed as whole blocks. */
export function blockMirroredFilter(filter: Value): Value {
  const [outputs, inputs, rows, columns] = filter.shape as Four;
  const swapped = transpose(reshape(filter, [outputs, inputs, rows * columns]), [1, 0, 2]);
  const blocks = reverse(filterBlocks(swapped), [2]);
  return reshape(blocks, [wholeBlocks(filter, inputs), outputs, rows, columns]);
}

/** [K, C, taps] as [K/b, C/b, taps, (c, k)], or [K/b, C, taps, k] of fewer inputs than a block. */
function filterBlocks(filter: Value): Value {
  const { blockSize: b } = filter.graph;
  const [outputs, inputs, taps] = filter.shape as [number, number, number];
  const all = wholeBlocks(filter, outputs);
  const whole = pad(filter, [0, 0, 0], [all - outputs, 0, 0]);
  const outputsLast = blockRows(reshape(whole, [all, inputs * taps]));
  if (inputs < b) return reshape(outputsLast, [all / b, inputs, taps, b]);
  const split = transpose(reshape(outputsLast, [all / b, inputs / b, b, taps, b]), [0, 1, 3, 2, 4]);
  return reshape(split, [all / b, inputs / b, taps, b * b]);
}

/** As many channels, or a whole block where there are fewer. */
const wholeBlocks = ({ graph }: Value, channels: number) => Math.max(channels, graph.blockSize);

/** The other way: [K/b, C/b, R·S, c, k] as [K, C, R, S]. */
export function unblockFilter(blocks: Value, shape: Four): Value {
  const { blockSize: b } = blocks.graph;
  const [outputs, inputs, rows, columns] = shape;
  const split = reshape(blocks, [outputs / b, inputs / b, rows * columns, b, b]);
  const outputsLast = transpose(split, [0, 1, 3, 2, 4]);
  return reshape(unblockRows(outputsLast, outputs), shape);
}

/** [M, L] as [M/b, L, b]. */
export function blockRows(matrix: Value): Value {
  const [rows, length] = matrix.shape as [number, number];
  return reorderInput(reshape(matrix, [1, rows, 1, length]), [1, rows, 1, length], false);
}

/** [M/b, L, b], under any shape, as [M, L]. */
export function unblockRows(blocks: Value, rows: number): Value {
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
