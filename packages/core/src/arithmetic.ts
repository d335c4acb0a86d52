import type { Arithmetic } from './contracts/index.js';

/** The arithmetic of plain numbers, in float64. */
export const numberArithmetic: Arithmetic<number> = Object.freeze({
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  square: (a) => a ** 2,
  sqrt: Math.sqrt,
  hypot: Math.hypot,
  exp: Math.exp,
  log: Math.log,
} satisfies Arithmetic<number>);
