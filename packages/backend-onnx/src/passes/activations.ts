import { scalarOf } from '../ir/constant.js';
import { float, type Node, type Value } from '../ir/graph.js';
import { sameShape } from '../ir/shape.js';
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

/** The two operands of a node, in either order. */
const eitherOrder = ({ inputs }: Node): readonly (readonly [Value, Value])[] => {
  const [a, b] = inputs as [Value, Value];
  return [
    [a, b],
    [b, a],
  ];
};

/**
 * The gradient of x·σ(x), as differentiation of the product writes it, dz·s + (dz·x)·(s·(1 − s))
 * with s = σ(x), is u + u·(x − x·s) with u = dz·s: two passes fewer, and x·s is there from the forward
 * pass.
 */
export const fuseSiluFlow: Rule = (node, _uses, moved) => {
  if (node.operator !== 'Add') return undefined;
  for (const [direct, bent] of eitherOrder(node)) {
    const product = nodeOf(bent, 'Mul');
    const first = nodeOf(direct, 'Mul');
    if (product === undefined || first === undefined) continue;
    for (const [flowTimesX, slope] of eitherOrder(product)) {
      const x = siluOf(flowTimesX, slope, first);
      if (x === undefined) continue;
      const { gate, input } = x;
      const u = moved(direct);
      const [z] = u.graph.emit('Mul', [moved(input), moved(gate)], [typeOf(input)]);
      const [rest] = u.graph.emit('Sub', [moved(input), z!], [typeOf(input)]);
      const [curved] = u.graph.emit('Mul', [u, rest!], [typeOf(input)]);
      return u.graph.emit('Add', [u, curved!], [typeOf(input)])[0]!;
    }
  }
  return undefined;
};

const typeOf = ({ type, shape }: Value) => ({ type, shape });

/** Of dz·x, s·(1 − s) and dz·s, where they are that and of one shape: s and x. */
function siluOf(
  flowTimesX: Value,
  slope: Value,
  direct: Node,
): { readonly gate: Value; readonly input: Value } | undefined {
  const [slopeNode, flowNode] = [nodeOf(slope, 'Mul'), nodeOf(flowTimesX, 'Mul')];
  if (slopeNode === undefined || flowNode === undefined) return undefined;
  for (const [gate, complement] of eitherOrder(slopeNode)) {
    const input = nodeOf(gate, 'Sigmoid')?.inputs[0];
    const rest = nodeOf(complement, 'Sub');
    if (input === undefined || input === null || rest === undefined) continue;
    if (scalarOf(rest.inputs[0]!) !== 1 || rest.inputs[1] !== gate) continue;
    for (const [flow, x] of eitherOrder(flowNode)) {
      const isDirect = eitherOrder(direct).some(([a, b]) => a === flow && b === gate);
      if (x === input && isDirect && sameShape(flow.shape, input.shape)) return { gate, input };
    }
  }
  return undefined;
}

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
