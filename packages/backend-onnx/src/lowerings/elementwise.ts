import * as op from '../ir/arithmetic.js';
import type { TensorType } from '../ir/element-type.js';
import type { Value } from '../ir/graph.js';
import { commonLayout } from '../tensors/layout.js';
import { arranged, type SymbolicTensor, symbolic, withRank } from '../tensors/symbolic-tensor.js';
import { type Lowering, listOf, lowering } from './lowering.js';

/**
 * An operation that works element by element. It happens in the layout of its image operand and
 * without spreading operands out; what it gives may itself still have to be broadcast.
 */
export function elementwise(
  operands: readonly SymbolicTensor[],
  compute: (...values: Value[]) => Value,
): SymbolicTensor {
  const shape = operands.map((operand) => operand.shape).reduce((a, b) => op.broadcastShapes(a, b));
  const layout = shape.length === 4 ? commonLayout(operands) : 'NHWC';
  const value = compute(...operands.map((operand) => arranged(operand, layout)));
  const isBare = value.shape.length === 0 || layout !== 'NHWC';
  return symbolic(isBare ? value : withRank(value, shape.length), shape, layout);
}

type Unary = (x: Value) => Value;

/** An operation that keeps the type of its operand. */
const mapping = (kernelName: string, compute: Unary): Lowering =>
  lowering(kernelName, ({ inputs }) => elementwise([inputs.x!], compute));

/** An operation on real numbers: it computes in, and gives, float32. */
const realMapping = (kernelName: string, compute: Unary): Lowering =>
  mapping(kernelName, (x) => compute(op.cast(x, 'float32')));

const realOperator = (kernelName: string, operator = kernelName): Lowering =>
  realMapping(kernelName, (x) => op.unary(operator, x));

/** Rounding leaves whole numbers as they are. */
const rounding = (kernelName: string): Lowering =>
  mapping(kernelName, (x) => (x.type === 'float32' ? op.unary(kernelName, x) : x));

/** Operators without a form for bool count true as 1. */
const countable = (x: Value) => (x.type === 'bool' ? op.cast(x, 'int32') : x);

const pairing = (kernelName: string, compute: (a: Value, b: Value) => Value): Lowering =>
  lowering(kernelName, ({ inputs }) =>
    elementwise([inputs.a!, inputs.b!], (a, b) => compute(countable(a), countable(b))),
  );

const truth = (x: Value) => op.cast(x, 'bool');

/** eˣ − 1 = tanh(x/2)·(eˣ + 1), which keeps its digits near 0. */
const expm1: Unary = (x) => op.mul(op.tanh(op.mul(x, 0.5)), op.add(op.exp(x), 1));

/** ln(1 + x): by 2 artanh(x/(2 + x)) near 0, where 1 + x would lose digits. */
function log1p(x: Value): Value {
  const small = op.compare('Less', op.abs(x), 0.5);
  const near = op.select(small, x, 0);
  const series = op.mul(op.unary('Atanh', op.div(near, op.add(near, 2))), 2);
  return op.select(small, series, op.log(op.add(x, 1)));
}

/** Rounds towards −∞; the integer `Div` of ONNX rounds towards 0. */
const floorDiv = (a: Value, b: Value) =>
  op.cast(op.floor(op.div(op.cast(a, 'float32'), op.cast(b, 'float32'))), a.type);

/** 1 above 0, `alpha` below and at it, NaN where x is. */
const step = (x: Value, alpha: number) =>
  op.select(op.isNan(x), x, op.select(op.compare('Greater', x, 0), op.like(x, 1), alpha));

/** x where it is positive, x times the slope elsewhere. */
export const prelu = (x: Value, slope: Value) =>
  op.select(op.compare('Less', x, 0), op.mul(x, slope), x);

/** arctan(a/b) in the right quadrant. */
function atan2(a: Value, b: Value): Value {
  const angle = op.unary('Atan', op.div(a, b));
  const turn = op.select(op.compare('Less', a, 0), op.like(a, -Math.PI), Math.PI);
  const half = op.select(op.compare('Less', a, 0), op.like(a, -Math.PI / 2), Math.PI / 2);
  const level = op.select(op.compare('Less', b, 0), op.like(a, Math.PI), 0);
  const onAxis = op.select(op.compare('Equal', a, 0), level, half);
  const beside = op.select(op.compare('Less', b, 0), op.add(angle, turn), angle);
  return op.select(
    op.logical('Or', op.compare('Equal', a, 0), op.compare('Equal', b, 0)),
    onAxis,
    beside,
  );
}

export const elementwiseLowerings: readonly Lowering[] = [
  mapping('Identity', (x) => x),
  mapping('Abs', (x) => op.abs(x)),
  mapping('Neg', (x) => op.neg(x)),
  mapping('Sign', (x) => op.unary('Sign', x)),
  mapping('Square', (x) => op.square(x)),
  mapping('Relu', (x) => op.maximum(x, 0)),
  mapping('Relu6', (x) => op.minimum(op.maximum(x, 0), 6)),
  rounding('Floor'),
  rounding('Ceil'),
  rounding('Round'),
  ...[
    'Exp',
    'Log',
    'Sqrt',
    'Sin',
    'Cos',
    'Tan',
    'Asin',
    'Acos',
    'Atan',
    'Sinh',
    'Cosh',
    'Tanh',
    'Asinh',
    'Acosh',
    'Atanh',
    'Softplus',
    'Erf',
    'Elu',
    'Selu',
    'Reciprocal',
  ].map((name) => realOperator(name)),
  realMapping('Sigmoid', op.sigmoid),
  realMapping('Rsqrt', (x) => op.reciprocal(op.sqrt(x))),
  realMapping('Expm1', expm1),
  realMapping('Log1p', log1p),
  realMapping('IsNan', op.isNan),
  realMapping('IsInf', (x) => op.compare('Equal', op.abs(x), Number.POSITIVE_INFINITY)),
  realMapping('IsFinite', (x) => op.compare('Less', op.abs(x), Number.POSITIVE_INFINITY)),
  // The slope of ELU from its output.
  lowering('EluGrad', ({ inputs }) =>
    elementwise([inputs.dy!, inputs.y!], (dy, y) => op.mul(dy, op.add(op.minimum(y, 0), 1))),
  ),
  mapping('LogicalNot', (x) => op.not(truth(x))),
  lowering<{ alpha: number }>('LeakyRelu', ({ inputs, attributes }) =>
    elementwise([inputs.x!], (x) => op.leakyRelu(op.cast(x, 'float32'), attributes.alpha)),
  ),
  lowering<{ alpha: number }>('Step', ({ inputs, attributes }) =>
    elementwise([inputs.x!], (x) => op.cast(step(op.cast(x, 'float32'), attributes.alpha), x.type)),
  ),
  lowering<{ clipValueMin: number; clipValueMax: number }>(
    'ClipByValue',
    ({ inputs, attributes: { clipValueMin, clipValueMax } }) =>
      elementwise([inputs.x!], (x) => op.minimum(op.maximum(x, clipValueMin), clipValueMax)),
  ),
  lowering<{ dtype: TensorType }>('Cast', ({ inputs, attributes }) =>
    elementwise([inputs.x!], (x) => op.cast(x, attributes.dtype)),
  ),

  pairing('Add', op.add),
  pairing('Sub', op.sub),
  pairing('Multiply', op.mul),
  pairing('RealDiv', (a, b) => op.div(op.cast(a, 'float32'), op.cast(b, 'float32'))),
  // Whole numbers, of real ones as well.
  pairing('FloorDiv', (a, b) => op.cast(floorDiv(a, b), 'int32')),
  // The remainder has the sign of the divisor.
  pairing('Mod', (a, b) => op.sub(a, op.mul(floorDiv(a, b), b))),
  pairing('Pow', op.pow),
  pairing('Maximum', op.maximum),
  pairing('Minimum', op.minimum),
  pairing('SquaredDifference', (a, b) => op.square(op.sub(a, b))),
  pairing('Atan2', atan2),
  lowering('BitwiseAnd', ({ inputs }) =>
    elementwise([inputs.a!, inputs.b!], (a, b) => {
      const shape = op.broadcastShapes(a.shape, b.shape);
      return a.graph.emit('BitwiseAnd', [a, b], [{ type: a.type, shape }])[0]!;
    }),
  ),
  pairing('Equal', (a, b) => op.compare('Equal', a, b)),
  pairing('NotEqual', (a, b) => op.not(op.compare('Equal', a, b))),
  pairing('Less', (a, b) => op.compare('Less', a, b)),
  pairing('LessEqual', (a, b) => op.compare('LessOrEqual', a, b)),
  pairing('Greater', (a, b) => op.compare('Greater', a, b)),
  pairing('GreaterEqual', (a, b) => op.compare('GreaterOrEqual', a, b)),
  pairing('LogicalAnd', (a, b) => op.logical('And', truth(a), truth(b))),
  pairing('LogicalOr', (a, b) => op.logical('Or', truth(a), truth(b))),
  pairing('LogicalXor', (a, b) => op.logical('Xor', truth(a), truth(b))),
  lowering('Prelu', ({ inputs }) =>
    elementwise([inputs.x!, inputs.alpha!], (x, slope) =>
      prelu(op.cast(x, 'float32'), op.cast(slope, 'float32')),
    ),
  ),
  lowering('AddN', (call) =>
    elementwise(listOf(call), (...values) => values.reduce((a, b) => op.add(a, b))),
  ),
  lowering('Select', ({ inputs }) =>
    elementwise([inputs.condition!, inputs.t!, inputs.e!], (condition, yes, no) =>
      op.cast(op.select(truth(condition), countable(yes), countable(no)), yes.type),
    ),
  ),
];
