import {
  add,
  clone,
  cos,
  cosh,
  div,
  elu,
  exp,
  floor,
  type GradConfig,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  logicalAnd,
  minimum,
  mul,
  neg,
  notEqual,
  onesLike,
  pow,
  reciprocal,
  rsqrt,
  scalar,
  sigmoid,
  sign,
  sin,
  sinh,
  square,
  step,
  sub,
  type Tensor,
  tanh,
  where,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { asFloat } from '../tape/as-float.js';
import { gradient, listGradient } from '../tape/gradient.js';
import { unbroadcast } from './broadcasting.js';

/** The fixed point of Klambauer et al., "Self-normalizing neural networks" (2017), eq. 14. */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

const one = () => scalar(1);

/** A unary operation by its derivative as a function of the input. */
function unary(kernelName: string, derivative: (x: Tensor) => Tensor): GradConfig {
  return gradient(kernelName, ['x'], (dy, [x]) => ({ x: () => mul(dy, derivative(asFloat(x))) }));
}

/** A piecewise constant operation: its derivative is zero wherever it exists. */
function flat(kernelName: string, ...inputs: string[]): GradConfig {
  return gradient(kernelName, inputs, (_dy, saved) =>
    Object.fromEntries(inputs.map((name, i) => [name, () => zeros(saved[i]!.shape)])),
  );
}

/** A binary operation with broadcasting, by the parts of dy that flow to a and to b. */
function binary(
  kernelName: string,
  toA: (dy: Tensor, a: Tensor, b: Tensor) => Tensor,
  toB: (dy: Tensor, a: Tensor, b: Tensor) => Tensor,
): GradConfig {
  return gradient(kernelName, ['a', 'b'], (dy, [a, b]) => ({
    a: () => unbroadcast(toA(dy, asFloat(a), asFloat(b)), a.shape),
    b: () => unbroadcast(toB(dy, asFloat(a), asFloat(b)), b.shape),
  }));
}

/** dy where a condition holds. */
const masked = (dy: Tensor, condition: Tensor) => mul(dy, asFloat(condition));

const unaryGradients: readonly GradConfig[] = [
  unary('Abs', (x) => sign(x)),
  unary('Exp', (x) => exp(x)),
  unary('Expm1', (x) => exp(x)),
  unary('Log', (x) => reciprocal(x)),
  unary('Log1p', (x) => reciprocal(add(x, one()))),
  unary('Sqrt', (x) => mul(rsqrt(x), scalar(0.5))),
  unary('Rsqrt', (x) => div(mul(rsqrt(x), scalar(-0.5)), x)),
  unary('Square', (x) => mul(x, scalar(2))),
  unary('Reciprocal', (x) => neg(reciprocal(square(x)))),
  unary('Sin', (x) => cos(x)),
  unary('Cos', (x) => neg(sin(x))),
  unary('Tan', (x) => reciprocal(square(cos(x)))),
  unary('Atan', (x) => reciprocal(add(square(x), one()))),
  unary('Tanh', (x) => sub(one(), square(tanh(x)))),
  // σ(−x) keeps the digits that 1 − σ(x) loses for large x.
  unary('Sigmoid', (x) => mul(sigmoid(x), sigmoid(neg(x)))),
  unary('Asin', (x) => rsqrt(sub(one(), square(x)))),
  unary('Acos', (x) => neg(rsqrt(sub(one(), square(x))))),
  unary('Sinh', (x) => cosh(x)),
  unary('Cosh', (x) => sinh(x)),
  unary('Asinh', (x) => rsqrt(add(square(x), one()))),
  unary('Acosh', (x) => rsqrt(sub(square(x), one()))),
  unary('Atanh', (x) => reciprocal(sub(one(), square(x)))),
  unary('Softplus', (x) => sigmoid(x)),
  unary('Erf', (x) => mul(scalar(2 / Math.sqrt(Math.PI)), exp(neg(square(x))))),
  unary('Relu', (x) => step(x)),
  unary('Relu6', (x) => asFloat(logicalAnd(greater(x, scalar(0)), less(x, scalar(6))))),
  unary('Selu', (x) =>
    where(
      greater(x, scalar(0)),
      mul(onesLike(x), scalar(SELU_SCALE)),
      mul(exp(minimum(x, scalar(0))), scalar(SELU_SCALE * SELU_ALPHA)),
    ),
  ),
  unary('Elu', (x) => add(minimum(elu(x), scalar(0)), one())),
  gradient('Neg', ['x'], (dy) => ({ x: () => neg(dy) })),
  gradient('LeakyRelu', ['x'], (dy, [x], { alpha }: { alpha: number }) => ({
    x: () => mul(dy, step(asFloat(x), alpha)),
  })),
  gradient(
    'ClipByValue',
    ['x'],
    (dy, [x], { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number }) => ({
      x: () => {
        const above = greaterEqual(x, scalar(clipValueMin));
        return masked(dy, logicalAnd(above, lessEqual(x, scalar(clipValueMax))));
      },
    }),
  ),
];

const flatGradients: readonly GradConfig[] = [
  ...['Sign', 'Step', 'Floor', 'Ceil', 'Round', 'IsNan', 'IsInf', 'IsFinite'].map((name) =>
    flat(name, 'x'),
  ),
  ...['LogicalNot', 'ArgMax', 'ArgMin', 'ZerosLike', 'OnesLike'].map((name) => flat(name, 'x')),
  ...['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'].map((name) =>
    flat(name, 'a', 'b'),
  ),
  ...['LogicalAnd', 'LogicalOr'].map((name) => flat(name, 'a', 'b')),
  flat('OneHot', 'indices'),
];

const quotientToA = (dy: Tensor, _a: Tensor, b: Tensor) => div(dy, b);
// Divided twice, since b² may leave the range of float32 where a/b² does not.
const quotientToB = (dy: Tensor, a: Tensor, b: Tensor) => neg(mul(dy, div(div(a, b), b)));

const binaryGradients: readonly GradConfig[] = [
  binary(
    'Add',
    (dy) => dy,
    (dy) => dy,
  ),
  binary(
    'Sub',
    (dy) => dy,
    (dy) => neg(dy),
  ),
  binary(
    'Multiply',
    (dy, _a, b) => mul(dy, b),
    (dy, a) => mul(dy, a),
  ),
  binary('RealDiv', quotientToA, quotientToB),
  // `tf.div` of whole numbers: tfjs differentiates it as the division that it rounds, and so does this
  // table. Of real numbers it is piecewise constant.
  gradient('FloorDiv', ['a', 'b'], (dy, [a, b]) => ({
    a: () =>
      a.dtype === 'float32'
        ? zeros(a.shape)
        : unbroadcast(quotientToA(dy, asFloat(a), asFloat(b)), a.shape),
    b: () =>
      b.dtype === 'float32'
        ? zeros(b.shape)
        : unbroadcast(quotientToB(dy, asFloat(a), asFloat(b)), b.shape),
  })),
  binary(
    'SquaredDifference',
    (dy, a, b) => mul(dy, mul(scalar(2), sub(a, b))),
    (dy, a, b) => mul(dy, mul(scalar(2), sub(b, a))),
  ),
  binary(
    'Maximum',
    (dy, a, b) => masked(dy, greaterEqual(a, b)),
    (dy, a, b) => masked(dy, less(a, b)),
  ),
  binary(
    'Minimum',
    (dy, a, b) => masked(dy, lessEqual(a, b)),
    (dy, a, b) => masked(dy, greater(a, b)),
  ),
  binary(
    'Pow',
    (dy, base, exponent) => {
      // An exponent of zero makes a constant, whose derivative at 0 would come out as 0·∞.
      const lowered = where(
        notEqual(exponent, scalar(0)),
        sub(exponent, scalar(1)),
        zerosLike(exponent),
      );
      return mul(dy, mul(exponent, pow(base, lowered)));
    },
    (dy, base, exponent) => {
      // The logarithm exists where the base is positive; elsewhere the exponent counts as constant.
      const safe = where(greater(base, scalar(0)), base, onesLike(base));
      return mul(dy, mul(pow(base, exponent), log(safe)));
    },
  ),
  // atan2(a, b), the angle of the point (b, a).
  binary(
    'Atan2',
    (dy, a, b) => mul(dy, div(b, add(square(a), square(b)))),
    (dy, a, b) => neg(mul(dy, div(a, add(square(a), square(b))))),
  ),
  binary(
    'Mod',
    (dy) => dy,
    (dy, a, b) => neg(mul(dy, floor(div(a, b)))),
  ),
  gradient('Prelu', ['x', 'alpha'], (dy, [x, alpha]) => ({
    x: () => unbroadcast(where(greater(x, scalar(0)), dy, mul(dy, alpha)), x.shape),
    alpha: () => unbroadcast(mul(dy, minimum(x, scalar(0))), alpha.shape),
  })),
  listGradient('AddN', (dy) => () => clone(dy)),
  gradient('Select', ['condition', 't', 'e'], (dy, [condition]) => ({
    condition: () => zeros(condition.shape),
    // Chosen and not multiplied, so that an infinite gradient of one branch stays out of the other.
    t: () => where(condition, dy, zerosLike(dy)),
    e: () => where(condition, zerosLike(dy), dy),
  })),
];

export const elementwiseGradients: readonly GradConfig[] = [
  ...unaryGradients,
  ...flatGradients,
  ...binaryGradients,
];
