import { float, type Value } from '../graph/graph.js';
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
