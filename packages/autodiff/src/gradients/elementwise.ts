import {
  add,
  cast,
  cos,
  div,
  elu,
  exp,
  type GradConfig,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  logicalAnd,
  mul,
  neg,
  onesLike,
  pow,
  reciprocal,
  rsqrt,
  scalar,
  sigmoid,
  sign,
  sin,
  square,
  step,
  sub,
  type Tensor,
  tanh,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { unbroadcast } from './broadcasting.js';

/**
 * A unary operation with its derivative as a function of the INPUT. tfjs's own set saves outputs,
 * whose dependence on x the second pass loses (tensorflow/tfjs#3252).
 */
function unary(kernelName: string, derivative: (x: Tensor) => Tensor): GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => ({ x: () => mul(dy as Tensor, derivative(saved[0]!)) }),
  };
}

/** A piecewise constant operation: its derivative is zero wherever it exists. */
function flat(kernelName: string, inputs: readonly string[]): GradConfig {
  return {
    kernelName,
    inputsToSave: [...inputs],
    gradFunc: (_dy, saved) =>
      Object.fromEntries(
        inputs.map((name, i) => [name, () => zerosLike(cast(saved[i]!, 'float32'))]),
      ),
  };
}

/** A binary operation with broadcasting: the factors of dy for a and b. */
function binary(
  kernelName: string,
  factors: (a: Tensor, b: Tensor) => { a: (dy: Tensor) => Tensor; b: (dy: Tensor) => Tensor },
): GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved as [Tensor, Tensor];
      const parts = factors(a, b);
      return {
        a: () => unbroadcast(parts.a(dy as Tensor), a.shape),
        b: () => unbroadcast(parts.b(dy as Tensor), b.shape),
      };
    },
  };
}

const one = () => scalar(1);
const asFloat = (condition: Tensor) => cast(condition, 'float32');

export const elementwiseGradients: readonly GradConfig[] = [
  unary('Abs', (x) => sign(x)),
  unary('Neg', (x) => neg(onesLike(x))),
  unary('Exp', (x) => exp(x)),
  unary('Expm1', (x) => exp(x)),
  unary('Log', (x) => reciprocal(x)),
  unary('Log1p', (x) => reciprocal(add(x, one()))),
  unary('Sqrt', (x) => div(rsqrt(x), scalar(2))),
  unary('Rsqrt', (x) => div(neg(rsqrt(x)), mul(x, scalar(2)))),
  unary('Square', (x) => mul(x, scalar(2))),
  unary('Reciprocal', (x) => neg(reciprocal(square(x)))),
  unary('Sin', (x) => cos(x)),
  unary('Cos', (x) => neg(sin(x))),
  unary('Tan', (x) => reciprocal(square(cos(x)))),
  unary('Tanh', (x) => sub(one(), square(tanh(x)))),
  unary('Sigmoid', (x) => mul(sigmoid(x), sigmoid(neg(x)))),
  unary('Softplus', (x) => sigmoid(x)),
  unary('Erf', (x) => mul(scalar(2 / Math.sqrt(Math.PI)), exp(neg(square(x))))),
  unary('Relu', (x) => step(x)),
  unary('Elu', (x) => where(greater(x, scalar(0)), onesLike(x), add(elu(x), one()))),
  unary('Atan', (x) => reciprocal(add(square(x), one()))),
  {
    kernelName: 'LeakyRelu',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => ({
      x: () => mul(dy as Tensor, step(saved[0]!, (attrs as unknown as { alpha: number }).alpha)),
    }),
  },
  {
    kernelName: 'ClipByValue',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => {
      const { clipValueMin, clipValueMax } = attrs as unknown as Record<string, number>;
      const x = saved[0]!;
      const inside = () =>
        logicalAnd(greaterEqual(x, scalar(clipValueMin!)), lessEqual(x, scalar(clipValueMax!)));
      return { x: () => mul(dy as Tensor, asFloat(inside())) };
    },
  },
  flat('Sign', ['x']),
  flat('Step', ['x']),
  flat('Floor', ['x']),
  flat('Ceil', ['x']),
  flat('Round', ['x']),
  flat('Equal', ['a', 'b']),
  flat('NotEqual', ['a', 'b']),
  flat('Greater', ['a', 'b']),
  flat('GreaterEqual', ['a', 'b']),
  flat('Less', ['a', 'b']),
  flat('LessEqual', ['a', 'b']),
  flat('LogicalAnd', ['a', 'b']),
  flat('LogicalOr', ['a', 'b']),
  flat('LogicalNot', ['x']),
  binary('Add', () => ({ a: (dy) => dy, b: (dy) => dy })),
  binary('Sub', () => ({ a: (dy) => dy, b: (dy) => neg(dy) })),
  binary('Multiply', (a, b) => ({
    a: (dy) => mul(dy, asFloat(b)),
    b: (dy) => mul(dy, asFloat(a)),
  })),
  binary('RealDiv', (a, b) => ({
    a: (dy) => div(dy, asFloat(b)),
    b: (dy) => neg(mul(dy, div(a, square(b)))),
  })),
  binary('SquaredDifference', (a, b) => ({
    a: (dy) => mul(dy, mul(scalar(2), sub(a, b))),
    b: (dy) => mul(dy, mul(scalar(2), sub(b, a))),
  })),
  binary('Maximum', (a, b) => ({
    a: (dy) => mul(dy, asFloat(greaterEqual(a, b))),
    b: (dy) => mul(dy, asFloat(less(a, b))),
  })),
  binary('Minimum', (a, b) => ({
    a: (dy) => mul(dy, asFloat(lessEqual(a, b))),
    b: (dy) => mul(dy, asFloat(greater(a, b))),
  })),
  binary('Pow', (base, exponent) => ({
    a: (dy) => mul(dy, mul(asFloat(exponent), pow(base, sub(exponent, scalar(1))))),
    // The logarithm exists where the base is positive; elsewhere the exponent is taken as constant.
    b: (dy) => {
      const positive = greater(base, scalar(0));
      const safe = where(positive, base, onesLike(base));
      return mul(dy, mul(pow(base, exponent), log(safe)));
    },
  })),
  {
    kernelName: 'AddN',
    saveAllInputs: true,
    gradFunc: (dy, saved) =>
      Object.fromEntries(saved.map((_, i) => [String(i), () => mul(dy as Tensor, one())])),
  },
  {
    kernelName: 'Select',
    inputsToSave: ['condition', 't', 'e'],
    gradFunc: (dy, saved) => {
      const condition = saved[0]!;
      const kept = () => asFloat(condition);
      const dropped = () => sub(one(), asFloat(condition));
      return {
        condition: () => zerosLike(asFloat(condition)),
        t: () => mul(dy as Tensor, kept()),
        e: () => mul(dy as Tensor, dropped()),
      };
    },
  },
];
