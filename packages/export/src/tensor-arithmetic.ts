import {
  add,
  div,
  exp,
  log,
  mul,
  neg,
  sqrt,
  square,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { type Arithmetic, numberArithmetic, type Operand } from '@tweedie/core';

type Value = Operand<Tensor>;

/** The operation on tensors where a value is one, and on numbers where both are known. */
function unary(onNumber: (a: number) => number, onTensor: (a: Tensor) => Tensor) {
  return (a: Value): Value => (typeof a === 'number' ? onNumber(a) : onTensor(a));
}

function binary(
  onNumbers: (a: number, b: number) => number,
  onTensors: (a: Value, b: Value) => Tensor,
  /** What the result is without computing it, if anything. */
  unchanged: (a: Value, b: Value) => Value | undefined = () => undefined,
) {
  return (a: Value, b: Value): Value =>
    typeof a === 'number' && typeof b === 'number'
      ? onNumbers(a, b)
      : (unchanged(a, b) ?? onTensors(a, b));
}

const numbers = numberArithmetic as Required<{
  [Name in keyof Arithmetic<number>]: (...operands: number[]) => number;
}>;

/**
 * The arithmetic of tensors without axes, so that a model in another runtime takes any level. What is
 * known beforehand is computed beforehand, in float64, and sums with 0 and products with 1 are left
 * out: an exported graph holds no work that changes nothing.
 */
export const tensorArithmetic: Arithmetic<Tensor> = {
  add: binary(numbers.add, add, (a, b) => (a === 0 ? b : b === 0 ? a : undefined)),
  sub: binary(numbers.sub, sub, (a, b) => (b === 0 ? a : undefined)),
  mul: binary(numbers.mul, mul, (a, b) => (a === 1 ? b : b === 1 ? a : undefined)),
  div: binary(numbers.div, div, (a, b) => (b === 1 ? a : undefined)),
  neg: unary(numbers.neg, neg),
  square: unary(numbers.square, square),
  sqrt: unary(numbers.sqrt, sqrt),
  hypot: binary(numbers.hypot, (a, b) => sqrt(add(squareOf(a), squareOf(b)))),
  exp: unary(numbers.exp, exp),
  log: unary(numbers.log, log),
};

function squareOf(value: Value): Value {
  return typeof value === 'number' ? value ** 2 : square(value);
}
