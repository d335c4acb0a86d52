import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  describeGradients,
  expectFirstOrder,
  expectSecondOrder,
  type GradientCase,
} from '../finite-differences.testing.js';
import { valueAndGrad } from '../index.js';
import { elementwiseGradients } from './elementwise.js';

const positive = [0.4, 2] as const;
const negative = [-2, -0.4] as const;
const of = (fn: (x: tf.Tensor) => tf.Tensor, range?: readonly [number, number]): GradientCase => ({
  fn: fn as GradientCase['fn'],
  shapes: [[5]],
  ...(range && { range }),
});
/** Its slopes broadcast to x, and not the other way. */
const prelu = (range: readonly [number, number]): GradientCase => ({
  fn: (x, alpha) => tf.square(tf.prelu(x!, alpha!)),
  shapes: [
    [2, 4, 3],
    [4, 1],
  ],
  range,
});
const pair = (
  fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  range?: readonly [number, number],
): GradientCase => ({
  fn: fn as GradientCase['fn'],
  shapes: [
    [2, 1, 3],
    [4, 1],
  ],
  ...(range && { range }),
});

const cases: Record<string, GradientCase> = {
  'abs above its kink': of(tf.abs, positive),
  'abs below its kink': of(tf.abs, negative),
  exp: of(tf.exp),
  expm1: of(tf.expm1),
  log: of(tf.log, positive),
  log1p: of(tf.log1p, positive),
  sqrt: of(tf.sqrt, positive),
  rsqrt: of(tf.rsqrt, positive),
  square: of(tf.square),
  reciprocal: of(tf.reciprocal, negative),
  neg: of((x) => tf.neg(tf.square(x))),
  sin: of(tf.sin),
  cos: of(tf.cos),
  tan: of(tf.tan, [-0.8, 0.8]),
  atan: of(tf.atan),
  tanh: of(tf.tanh),
  sigmoid: of(tf.sigmoid),
  softplus: of(tf.softplus),
  erf: of(tf.erf),
  'relu above its kink': of((x) => tf.relu(tf.square(x)), positive),
  'relu below its kink': of(tf.relu, negative),
  'elu above its kink': of((x) => tf.elu(tf.square(x)), positive),
  'elu below its kink': of(tf.elu, [-2, -0.2]),
  leakyRelu: of((x) => tf.leakyRelu(tf.mul(tf.square(x), -1), 0.1), positive),
  'clip inside': of((x) => tf.square(tf.clipByValue(x, -3, 3))),
  'clip outside': of((x) => tf.mul(x, tf.clipByValue(x, 5, 6))),
  'gelu with erf': of((x) => tf.mul(x, tf.add(1, tf.erf(tf.div(x, Math.SQRT2))))),
  'gelu with tanh': of((x) =>
    tf.mul(x, tf.add(1, tf.tanh(tf.mul(0.8, tf.add(x, tf.mul(0.04, tf.pow(x, 3))))))),
  ),
  '1/(1 + exp(−x))': of((x) => tf.div(1, tf.add(1, tf.exp(tf.neg(x))))),
  add: pair((a, b) => tf.square(tf.add(a, b))),
  sub: pair((a, b) => tf.square(tf.sub(a, b))),
  mul: pair(tf.mul),
  div: pair(tf.div, positive),
  squaredDifference: pair(tf.squaredDifference),
  'maximum where a is larger': pair((a, b) => tf.maximum(tf.square(a), tf.sub(b, 4))),
  'maximum where b is larger': pair((a, b) => tf.maximum(tf.sub(a, 4), tf.square(b))),
  'minimum where a is smaller': pair((a, b) => tf.minimum(tf.square(a), tf.add(b, 9))),
  'minimum where b is smaller': pair((a, b) => tf.minimum(tf.add(a, 9), tf.square(b))),
  pow: pair(tf.pow, positive),
  'pow with a whole exponent, of a negative base': of((x) => tf.pow(x, 3), negative),
  asin: of(tf.asin, [-0.6, 0.6]),
  acos: of(tf.acos, [-0.6, 0.6]),
  sinh: of(tf.sinh),
  cosh: of(tf.cosh),
  asinh: of(tf.asinh),
  acosh: of(tf.acosh, [2, 4]),
  atanh: of(tf.atanh, [-0.6, 0.6]),
  relu6: of((x) => tf.square(tf.relu6(x)), [1, 5]),
  'relu6 above': of((x) => tf.mul(x, tf.relu6(x)), [7, 9]),
  'selu above 0': of((x) => tf.square(tf.selu(x)), positive),
  'selu below 0': of((x) => tf.square(tf.selu(x)), negative),
  'atan2 in each quadrant': pair(
    (a, b) =>
      tf.add(
        tf.add(tf.atan2(a, b), tf.atan2(tf.neg(a), b)),
        tf.mul(tf.atan2(a, tf.neg(b)), tf.atan2(tf.neg(a), tf.neg(b))),
      ),
    positive,
  ),
  'mod, away from its jumps': pair((a, b) => tf.square(tf.mod(tf.add(a, 9), tf.add(b, 6))), [0, 1]),
  'prelu above 0': prelu(positive),
  'prelu below 0': prelu(negative),
  addN: {
    fn: (a, b) => tf.addN([tf.square(a!), tf.square(b!), tf.mul(a!, b!)]),
    shapes: [[4], [4]],
  },
  'the same tensor on both sides': of((x) => tf.mul(tf.add(x, x), tf.sub(x, tf.div(x, 2)))),
  'where by a comparison': of((x) => tf.where(tf.less(x, 0), tf.square(x), tf.sin(x)), positive),
  'where, broadcasting': pair((a, b) => tf.where(tf.less(a, 0.1), tf.mul(a, b), tf.exp(b))),
};

const float = (x: tf.Tensor) => tf.cast(x, 'float32');
const flat: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  sign: tf.sign,
  step: tf.step,
  floor: tf.floor,
  ceil: tf.ceil,
  round: tf.round,
  isNaN: (x) => float(tf.isNaN(x)),
  isInf: (x) => float(tf.isInf(x)),
  isFinite: (x) => float(tf.isFinite(x)),
  zerosLike: tf.zerosLike,
  onesLike: tf.onesLike,
  argMax: (x) => float(tf.argMax(x)),
  argMin: (x) => float(tf.argMin(x)),
  floorDiv: (x) => float(tf.floorDiv(tf.cast(x, 'int32'), tf.scalar(2, 'int32'))),
  oneHot: (x) => float(tf.oneHot(tf.cast(tf.abs(x), 'int32') as tf.Tensor1D, 3)),
  comparisons: (x) =>
    tf.addN(
      [tf.equal, tf.notEqual, tf.greater, tf.greaterEqual, tf.less, tf.lessEqual].map((compare) =>
        float(compare(x, 0.4)),
      ),
    ),
  logic: (x) =>
    float(
      tf.logicalNot(
        tf.logicalAnd(tf.logicalOr(tf.less(x, 0), tf.greater(x, 2)), tf.notEqual(x, 1)),
      ),
    ),
};

/** A shape, and one that broadcasts with it: axes dropped from the left or of extent 1. */
const broadcastable = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }).chain((shape) =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.nat({ max: shape.length }),
    )
    .map(([ones, dropped]) => ({
      shape,
      other: shape.map((extent, i) => (ones[i] ? 1 : extent)).slice(dropped),
    })),
);

describeGradients('elementwise gradients', elementwiseGradients, cases, () => {
  it('are right for any shapes that broadcast', () => {
    const binary = {
      mul: tf.mul,
      div: tf.div,
      pow: tf.pow,
      squaredDifference: tf.squaredDifference,
    };
    fc.assert(
      fc.property(
        broadcastable,
        fc.constantFrom(...Object.values(binary)),
        fc.boolean(),
        ({ shape, other }, fn, swap) => {
          const example: GradientCase = {
            fn: (a, b) => (swap ? fn(b!, a!) : fn(a!, b!)),
            shapes: [shape, other],
            range: positive,
          };
          expectFirstOrder(example, createRng(3));
          expectSecondOrder(example, createRng(3));
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  it.each(Object.entries(flat))('send nothing through %s', (_name, f) => {
    tf.tidy(() => {
      const x = tf.tensor1d([-1.3, 0.4, 2.2]);
      const { grads } = valueAndGrad(({ y }) => tf.add(tf.sum(f(y!)), tf.sum(tf.square(y!))))({
        y: x,
      });
      expect([...grads.y!.dataSync()]).toEqual([...tf.mul(x, 2).dataSync()]);
    });
  });

  const derivative = (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) =>
    valueAndGrad(({ y }) => tf.sum(f(y!)))({ y: x }).grads.y!;
  const sigmoid = 1 / (1 + Math.exp(-0.7));
  const slope = sigmoid * (1 - sigmoid);
  const tanh = Math.tanh(0.7);
  it.each([
    ['x σ(x)', (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x)), slope * (2 + 0.7 * (1 - 2 * sigmoid))],
    [
      '1/(1 + exp(−x))',
      (x: tf.Tensor) => tf.div(1, tf.add(1, tf.exp(tf.neg(x)))),
      slope * (1 - 2 * sigmoid),
    ],
    ['exp', tf.exp, Math.exp(0.7)],
    ['sigmoid', tf.sigmoid, slope * (1 - 2 * sigmoid)],
    ['tanh', tf.tanh, -2 * tanh * (1 - tanh ** 2)],
    ['elu', (x: tf.Tensor) => tf.elu(tf.neg(x)), Math.exp(-0.7)],
    ['pow', (x: tf.Tensor) => tf.pow(x, 3), 6 * 0.7],
  ] as const)('give the second derivative of %s, which tfjs gets wrong', (_name, f, expected) => {
    tf.tidy(() => {
      const second = derivative(derivative(f))(tf.scalar(0.7)).dataSync()[0]!;
      expect(Math.abs(second - expected)).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected)));
    });
  });

  it('give third derivatives', () => {
    tf.tidy(() => {
      const third = derivative(derivative(derivative(tf.tanh)))(tf.scalar(0.7)).dataSync()[0]!;
      expect(third).toBeCloseTo((1 - tanh ** 2) * (6 * tanh ** 2 - 2), 5);
    });
  });

  it('stay finite at the edges of what is defined', () => {
    tf.tidy(() => {
      const at = (f: (x: tf.Tensor) => tf.Tensor, x: number) =>
        derivative(f)(tf.scalar(x)).dataSync()[0];
      // A constant, though the rule e·xᵉ⁻¹ says 0·∞.
      expect(at((x) => tf.pow(x, 0), 0)).toBe(0);
      expect(
        at(
          derivative((x) => tf.pow(x, 1)),
          0,
        ),
      ).toBe(0);
      // The exponent of zero and of negative bases counts as constant.
      expect(at((e) => tf.pow(tf.scalar(0), e), 2)).toBe(0);
      // b² is below the smallest number of float32.
      expect(at((b) => tf.div(1e-30, b), 1e-25)).toBeCloseTo(-1e20, -15);
      expect(at(tf.sigmoid, 200)).toBe(0);
      expect(at(tf.sigmoid, -200)).toBe(0);
      // The branch that is not taken has an infinite slope at 0.
      expect(at((x) => tf.where(tf.greater(x, 0), tf.square(x), tf.mul(x, 3)), 0)).toBe(3);
    });
  });
});
