import * as tf from '@tensorflow/tfjs-core';
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, coins, normal, uniform, whole } from '../agreement.testing.js';

const kernel = (name: string, attributes: tf.NamedAttrMap = {}) => ({
  unary: (x: Tensor) => engine().runKernel(name, { x }, attributes) as Tensor,
  binary: (a: Tensor, b: Tensor) => engine().runKernel(name, { a, b }, attributes) as Tensor,
});

/** The operands that a kernel is tried on, by where it is defined. */
const operands = {
  any: () => normal(3, 5),
  positive: () => uniform(0.05, 4, 3, 5),
  small: () => uniform(-0.95, 0.95, 3, 5),
  aboveOne: () => uniform(1.1, 5, 3, 5),
};

const unaryKernels: Readonly<Record<keyof typeof operands, string>> = {
  any: 'Abs Neg Sign Square Relu Relu6 Floor Ceil Round Exp Sin Cos Tan Atan Sinh Cosh Tanh Asinh Sigmoid Softplus Erf Elu Selu Expm1 Identity IsNan IsInf IsFinite',
  positive: 'Log Sqrt Rsqrt Reciprocal Log1p',
  small: 'Asin Acos Atanh Log1p Expm1',
  aboveOne: 'Acosh',
};
const unaryTable = Object.entries(unaryKernels).flatMap(([domain, names]) =>
  names.split(' ').map((name) => [name, domain as keyof typeof operands] as const),
);

describe('unary kernels', () => {
  it.each(unaryTable)('%s of %s numbers', async (name, domain) => {
    const result = await agreement(kernel(name).unary, operands[domain]());
    expect(result.difference).toBeLessThan(1e-6);
  });

  it.each([
    ['Step', { alpha: 0.3 }],
    ['LeakyRelu', { alpha: 0.2 }],
    ['ClipByValue', { clipValueMin: -0.5, clipValueMax: 0.7 }],
  ])('%s', async (name, attributes) => {
    const result = await agreement(kernel(name, attributes).unary, normal(3, 5));
    expect(result.difference).toBeLessThan(1e-7);
  });

  it.each(['Abs', 'Neg', 'Sign', 'Square', 'Relu', 'Floor', 'Round'])(
    '%s keeps whole numbers whole',
    async (name) => {
      const result = await agreement(kernel(name).unary, whole(-5, 6, 4, 3));
      expect(result).toEqual({ shapes: [[4, 3]], types: ['int32'], difference: 0 });
    },
  );

  it('keeps the digits of Expm1 and Log1p near 0', async () => {
    const x = tf.tensor1d([1e-7, -3e-6, 2e-4, 0]);
    for (const name of ['Expm1', 'Log1p']) {
      const relative = (t: Tensor) => tf.div(kernel(name).unary(t), tf.add(tf.abs(t), 1e-12));
      expect((await agreement(relative, x)).difference).toBeLessThan(1e-6);
    }
  });

  it('gives NaN and infinities where tfjs does', async () => {
    const x = tf.tensor1d([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0]);
    for (const name of ['IsNan', 'IsInf', 'IsFinite', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Step']) {
      const run = kernel(name, { alpha: 0 }).unary;
      expect((await agreement(run, x)).difference, name).toBeLessThan(1e-6);
    }
  });
});

const arithmetic = [
  'Add',
  'Sub',
  'Multiply',
  'RealDiv',
  'Maximum',
  'Minimum',
  'SquaredDifference',
  'Atan2',
  'Mod',
];
const comparisons = ['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'];

/** Two shapes that broadcast against each other, rank 0 to 4. */
const broadcastable = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }).chain((shape) =>
  fc.record({
    a: operandShape(shape),
    b: operandShape(shape),
  }),
);
function operandShape(shape: number[]): fc.Arbitrary<number[]> {
  return fc
    .tuple(
      fc.nat({ max: shape.length }),
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
    )
    .map(([skip, ones]) => shape.map((extent, i) => (ones[i] ? 1 : extent)).slice(skip));
}

describe('binary kernels', () => {
  it.each([...arithmetic, ...comparisons])('%s, with broadcasting', async (name) => {
    await fc.assert(
      fc.asyncProperty(broadcastable, async ({ a, b }) => {
        const result = await agreement(kernel(name).binary, normal(...a), normal(...b));
        expect(result.difference).toBeLessThan(1e-5);
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  it('Pow of positive numbers, and of whole powers of any', async () => {
    const run = kernel('Pow').binary;
    expect((await agreement(run, uniform(0.1, 3, 4, 5), normal(5))).difference).toBeLessThan(1e-5);
    const powers = tf.tensor1d([0, 1, 2, 3, -1]);
    expect((await agreement(run, normal(4, 5), powers)).difference).toBeLessThan(1e-5);
  });

  it.each([...arithmetic.filter((name) => name !== 'RealDiv' && name !== 'Atan2'), 'FloorDiv'])(
    '%s of whole numbers',
    async (name) => {
      const divisor = tf.add(whole(0, 4, 4, 3), tf.scalar(1, 'int32'));
      const result = await agreement(kernel(name).binary, whole(-9, 10, 4, 3), divisor);
      expect(result).toEqual({ shapes: [[4, 3]], types: ['int32'], difference: 0 });
    },
  );

  it.each(comparisons)('%s of whole numbers', async (name) => {
    const result = await agreement(kernel(name).binary, whole(0, 3, 4, 3), whole(0, 3, 3));
    expect(result).toEqual({ shapes: [[4, 3]], types: ['bool'], difference: 0 });
  });

  it.each(['LogicalAnd', 'LogicalOr', 'LogicalXor'])('%s', async (name) => {
    const run = (a: Tensor, b: Tensor) =>
      name === 'LogicalXor' ? tf.logicalXor(a, b) : kernel(name).binary(a, b);
    expect((await agreement(run, coins(4, 3), coins(4, 3))).difference).toBe(0);
  });
});

describe('the others', () => {
  it('Select, Cast, AddN, Prelu, LogicalNot', async () => {
    const choose = (c: Tensor, a: Tensor, b: Tensor) => tf.where(c, a, b);
    expect((await agreement(choose, coins(4, 3), normal(4, 3), normal(3))).difference).toBe(0);
    expect(
      (await agreement(choose, coins(4, 3), whole(0, 9, 4, 3), whole(0, 9, 1))).difference,
    ).toBe(0);
    expect((await agreement(choose, coins(4), coins(4), coins(4))).difference).toBe(0);
    const casts = (f: Tensor, i: Tensor, b: Tensor) =>
      [f, i, b].flatMap((x) =>
        (['float32', 'int32', 'bool'] as const).map((type) => tf.cast(x, type)),
      );
    expect(
      (await agreement(casts, tf.mul(normal(9), 3), whole(-2, 3, 9), coins(9))).difference,
    ).toBe(0);
    const total = (...xs: Tensor[]) => tf.addN(xs);
    expect(
      (await agreement(total, normal(2, 3), normal(2, 3), normal(2, 3))).difference,
    ).toBeLessThan(1e-6);
    expect((await agreement(tf.prelu, normal(4, 3), normal(3))).difference).toBe(0);
    expect((await agreement(tf.prelu, whole(-5, 5, 4, 3), normal(3))).difference).toBe(0);
    const step = (x: Tensor) => tf.step(x, 2);
    expect((await agreement(step, whole(-5, 5, 9))).types).toEqual(['int32']);
    const quotient = tf.mul(normal(9), 20);
    expect((await agreement(tf.floorDiv, quotient, uniform(0.5, 2, 9))).types).toEqual(['int32']);
    expect((await agreement(tf.logicalNot, coins(7))).difference).toBe(0);
  });

  it('tensors of no elements', async () => {
    const run = (a: Tensor, b: Tensor) => [tf.add(a, b), tf.exp(a), tf.sum(a), tf.greater(a, b)];
    const result = await agreement(run, tf.zeros([0, 3]), normal(3));
    expect(result).toMatchObject({ shapes: [[0, 3], [0, 3], [], [0, 3]], difference: 0 });
  });

  it('constants that change nothing, and those that meet', async () => {
    const run = (x: Tensor) => [
      tf.mul(tf.add(x, 0), 1),
      tf.sub(tf.div(x, 1), tf.zerosLike(x)),
      tf.mul(tf.add(tf.scalar(2), tf.scalar(3)), tf.onesLike(x)),
      tf.add(tf.ones([2, 1, 1]), tf.mul(x, tf.ones([3, 4]))),
      tf.div(tf.scalar(1), tf.scalar(3)),
    ];
    expect((await agreement(run, normal(3, 4))).difference).toBeLessThan(1e-6);
  });
});

describe('gradients', () => {
  const smooth: Record<string, (x: Tensor) => Tensor> = {
    exp: tf.exp,
    tanh: tf.tanh,
    sigmoid: tf.sigmoid,
    softplus: tf.softplus,
    erf: tf.erf,
    elu: tf.elu,
    sin: tf.sin,
    log: (x) => tf.log(tf.add(tf.square(x), 1)),
    rsqrt: (x) => tf.rsqrt(tf.add(tf.square(x), 1)),
    pow: (x) => tf.pow(tf.add(tf.square(x), 1), 1.5),
    div: (x) => tf.div(x, tf.add(tf.square(x), 1)),
    maximum: (x) => tf.maximum(tf.square(x), tf.exp(x)),
    where: (x) => tf.where(tf.greater(x, 0), tf.square(x), tf.sin(x)),
  };
  it.each(Object.keys(smooth))('%s, to second order', async (name) => {
    const f = smooth[name]!;
    const first = valueAndGrad(({ x, w }: Params) => tf.sum(tf.mul(f(x!), w!)));
    const second = valueAndGrad((params: Params) => tf.sum(tf.square(first(params).grads.x!)));
    const params = { x: normal(4, 5), w: normal(5) };
    const both = (p: Params) => [first(p), second(p)];
    expect((await agreement(both, params)).difference).toBeLessThan(5e-6);
  });
});
