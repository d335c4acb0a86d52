/** A value of an arithmetic, or a number that is known beforehand. */
export type Operand<T> = T | number;

/**
 * The operations that a formula of levels is written in, so that one text of it serves plain numbers
 * (`numberArithmetic`) and any other values, such as the tensors of a graph that is being recorded.
 * An operation may take and give numbers that are known beforehand, and an implementation leaves
 * out of its graph what they decide: a sum with 0, a product with 1.
 */
export interface Arithmetic<T> {
  add(a: Operand<T>, b: Operand<T>): Operand<T>;
  /** a − b */
  sub(a: Operand<T>, b: Operand<T>): Operand<T>;
  mul(a: Operand<T>, b: Operand<T>): Operand<T>;
  /** a/b */
  div(a: Operand<T>, b: Operand<T>): Operand<T>;
  neg(a: Operand<T>): Operand<T>;
  square(a: Operand<T>): Operand<T>;
  sqrt(a: Operand<T>): Operand<T>;
  /** √(a² + b²) */
  hypot(a: Operand<T>, b: Operand<T>): Operand<T>;
  exp(a: Operand<T>): Operand<T>;
  /** The natural logarithm. */
  log(a: Operand<T>): Operand<T>;
}
