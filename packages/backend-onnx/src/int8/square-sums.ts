import { float, int, type Node, type Value } from '../ir/graph.js';
import { reshape } from '../ir/shape.js';
import type { Rule } from '../passes/rewrite.js';

/** The node behind a value, through reshapes. */
function producer({ source }: Value): Node | undefined {
  if (source.kind !== 'node') return undefined;
  return source.node.operator === 'Reshape' ? producer(source.node.inputs[0]!) : source.node;
}

/**
 * The sum of squares of each row as its product with itself, by an operator of ONNX Runtime: one
 * pass, and no squares in memory. Group norm has one for each channel.
 */
export const squareSums: Rule = (node, uses, moved) => {
  if (node.operator !== 'ReduceSum') return undefined;
  const rows = node.inputs[0]!;
  const y = node.outputs[0]!;
  const square = producer(rows);
  const fits =
    rows.type === 'float32' &&
    rows.shape.length === 2 &&
    y.shape.length === 1 &&
    y.shape[0] === rows.shape[0] &&
    square?.operator === 'Mul' &&
    square.inputs[0] === square.inputs[1] &&
    uses.countOf(square.outputs[0]!) === 1;
  if (!fits) return undefined;
  const [count, length] = rows.shape as [number, number];
  // A row that is as long as there are rows says nothing of the axis that was summed.
  const axis = node.inputs[1]!.source;
  if (axis.kind !== 'constant' || Number(axis.data[0]) !== 1) return undefined;
  const x = reshape(moved(square.inputs[0]!), [count, 1, length]);
  const outputs = [{ type: y.type, shape: [count, 1, 1] }];
  const attributes = { transA: int(0), transB: int(1), alpha: float(1) };
  const [products] = x.graph.emit('FusedMatMul', [x, x], outputs, attributes, 'com.microsoft');
  return reshape(products!, y.shape);
};
