import { scalarOf } from '../graph/constant.js';
import { float, type Node, type Value } from '../graph/graph.js';
import type { Rule } from './rewrite.js';

/** x·σ(x) as one operation of the runtime, where nothing else needs σ(x). */
export const fuseSilu: Rule = (node, uses, moved) => {
  if (node.operator !== 'Mul') return undefined;
  const [a, b] = node.inputs as [Value, Value];
  for (const [x, gate] of [
    [a, b],
    [b, a],
  ] as const) {
    const isSilu =
      gate.source.kind === 'node' &&
      gate.source.node.operator === 'Sigmoid' &&
      gate.source.node.inputs[0] === x &&
      uses.countOf(gate) === 1;
    if (!isSilu) continue;
    const attributes = { alpha: float(1) };
    const outputs = [{ type: x.type, shape: x.shape }];
    return moved(x).graph.emit('QuickGelu', [moved(x)], outputs, attributes, 'com.microsoft')[0]!;
  }
  return undefined;
};

const nodeOf = (value: Value, operator: string): Node | undefined =>
  value.source.kind === 'node' && value.source.node.operator === operator
    ? value.source.node
    : undefined;

/** An operand beside a constant of one element. */
function besideConstant({ inputs }: Node, constant: number): Value | undefined {
  const [a, b] = inputs as [Value, Value];
  if (scalarOf(b) === constant) return a;
  return scalarOf(a) === constant ? b : undefined;
}

/** min(y, 0) + 1, the slope of y = elu(x), in one pass: min(y + 1, 1), as y is above −1. */
export const fuseEluSlope: Rule = (node, _uses, moved) => {
  if (node.operator !== 'Add') return undefined;
  const below = besideConstant(node, 1);
  const min = below === undefined ? undefined : nodeOf(below, 'Min');
  const y = min === undefined ? undefined : besideConstant(min, 0);
  if (y === undefined || nodeOf(y, 'Elu') === undefined) return undefined;
  const outputs = [{ type: y.type, shape: y.shape }];
  const attributes = { alpha: float(1), beta: float(1) };
  return moved(y).graph.emit('HardSigmoid', [moved(y)], outputs, attributes)[0]!;
};
