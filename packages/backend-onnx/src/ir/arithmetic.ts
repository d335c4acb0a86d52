import { asValue, dataOf, type Operand, scalarOf } from './constant.js';
import { type ElementType, elementCode } from './element-type.js';
import { type Attributes, float, int, type Value } from './graph.js';
import { sameShape } from './shape.js';

/** Operators that work element by element, with broadcasting. */

export function broadcastShapes(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    return left === 1 ? right : left;
  });
}

export function unary(operator: string, x: Value, attributes: Attributes = {}): Value {
  return x.graph.emit(operator, [x], [{ type: x.type, shape: x.shape }], attributes)[0]!;
}

function binary(operator: string, a: Value, b: Value, type: ElementType = a.type): Value {
  const shape = broadcastShapes(a.shape, b.shape);
  return a.graph.emit(operator, [a, b], [{ type, shape }])[0]!;
}

type Fold = (a: number, b: number) => number;

/** A binary operator; of two scalar constants it is computed here, in the element type. */
function arithmetic(operator: string, fold: Fold, a: Operand, b: Operand, like: Value): Value {
  const left = asValue(a, like);
  const right = asValue(b, like);
  const x = scalarOf(left);
  const y = scalarOf(right);
  if (x !== undefined && y !== undefined && left.type === 'float32') {
    const shape = broadcastShapes(left.shape, right.shape);
    return left.graph.constant(left.type, dataOf(left.type, [fold(x, y)]), shape);
  }
  return binary(operator, left, right);
}

const valueAmong = (a: Operand, b: Operand): Value => (typeof a === 'number' ? (b as Value) : a);
const constantOf = (operand: Operand) =>
  typeof operand === 'number' ? operand : scalarOf(operand);

/** The other operand, where one is a constant that changes neither its values nor its shape. */
function withoutNeutral(neutral: number, operand: Operand, other: Operand): Value | undefined {
  if (typeof other === 'number' || constantOf(operand) !== neutral) return undefined;
  if (typeof operand === 'number') return other;
  return sameShape(broadcastShapes(operand.shape, other.shape), other.shape) ? other : undefined;
}

export function add(a: Operand, b: Operand): Value {
  return (
    withoutNeutral(0, a, b) ??
    withoutNeutral(0, b, a) ??
    arithmetic('Add', (x, y) => x + y, a, b, valueAmong(a, b))
  );
}

export function sub(a: Operand, b: Operand): Value {
  return withoutNeutral(0, b, a) ?? arithmetic('Sub', (x, y) => x - y, a, b, valueAmong(a, b));
}

export function mul(a: Operand, b: Operand): Value {
  return (
    withoutNeutral(1, a, b) ??
    withoutNeutral(1, b, a) ??
    arithmetic('Mul', (x, y) => x * y, a, b, valueAmong(a, b))
  );
}

export function div(a: Operand, b: Operand): Value {
  return withoutNeutral(1, b, a) ?? arithmetic('Div', (x, y) => x / y, a, b, valueAmong(a, b));
}

export const pow = (a: Value, b: Operand) => binary('Pow', a, asValue(b, a));
export const maximum = (a: Value, b: Operand) => binary('Max', a, asValue(b, a));
export const minimum = (a: Value, b: Operand) => binary('Min', a, asValue(b, a));

export const neg = (x: Value) => unary('Neg', x);
export const abs = (x: Value) => unary('Abs', x);
export const exp = (x: Value) => unary('Exp', x);
export const log = (x: Value) => unary('Log', x);
export const sqrt = (x: Value) => unary('Sqrt', x);
export const floor = (x: Value) => unary('Floor', x);
export const tanh = (x: Value) => unary('Tanh', x);
export const reciprocal = (x: Value) => unary('Reciprocal', x);
export const not = (x: Value) => unary('Not', x);
export const square = (x: Value) => mul(x, x);

export type Comparison = 'Equal' | 'Less' | 'LessOrEqual' | 'Greater' | 'GreaterOrEqual';
export const compare = (how: Comparison, a: Value, b: Operand) =>
  binary(how, a, asValue(b, a), 'bool');
export const logical = (how: 'And' | 'Or' | 'Xor', a: Value, b: Value) => binary(how, a, b, 'bool');

/**
 * Gradients of the sigmoid are written with σ(−x); as 1 − σ(x) it shares the σ(x) beside it, at an
 * absolute error of 1e-7.
 */
export function sigmoid(x: Value): Value {
  if (x.source.kind === 'node' && x.source.node.operator === 'Neg') {
    return sub(1, sigmoid(x.source.node.inputs[0]!));
  }
  return unary('Sigmoid', x);
}

export function select(condition: Value, yes: Operand, no: Operand): Value {
  const like = valueAmong(yes, no);
  const [then, otherwise] = [asValue(yes, like), asValue(no, like)];
  const shape = broadcastShapes(condition.shape, broadcastShapes(then.shape, otherwise.shape));
  return like.graph.emit('Where', [condition, then, otherwise], [{ type: like.type, shape }])[0]!;
}

/** A scalar constant of the type of a value. */
export const like = (x: Value, value: number): Value => asValue(value, x);

export const isNan = (x: Value) =>
  x.graph.emit('IsNaN', [x], [{ type: 'bool', shape: x.shape }])[0]!;

export function cast(x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  const constant = scalarOf(x);
  if (constant !== undefined) {
    const whole = type === 'bool' ? Number(constant !== 0) : Math.trunc(constant);
    const value = type === 'float32' ? constant : whole;
    return x.graph.constant(type, dataOf(type, [value]), x.shape);
  }
  return x.graph.emit('Cast', [x], [{ type, shape: x.shape }], { to: int(elementCode[type]) })[0]!;
}

export const leakyRelu = (x: Value, alpha: number) =>
  unary('LeakyRelu', x, { alpha: float(alpha) });
