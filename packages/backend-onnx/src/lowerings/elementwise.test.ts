import * as tf from '@tensorflow/tfjs-core';
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { agreement, normal, uniform } from '../agreement.js';

const unary = (x: () => Tensor, tolerance: number, ...names: string[]) =>
  names.map((name) => [name, x, tolerance] as const);

describe('unary kernels', () => {
  const any = () => normal(3, 5);
  const positive = () => uniform(0.05, 4, 3, 5);
  const small = () => uniform(-0.95, 0.95, 3, 5);
  const table = [
    ...unary(any, 1e-6, 'Abs', 'Neg', 'Sign', 'Square', 'Relu', 'Relu6', 'Floor', 'Ceil', 'Round'),
    ...unary(any, 1e-6, 'Exp', 'Sin', 'Cos', 'Tan', 'Atan', 'Sinh', 'Cosh', 'Tanh', 'Asinh'),
    ...unary(any, 1e-6, 'Sigmoid', 'Softplus', 'Erf', 'Elu', 'Selu', 'Expm1', 'Identity'),
    ...unary(positive, 1e-6, 'Log', 'Sqrt', 'Rsqrt', 'Reciprocal', 'Log1p'),
    ...unary(small, 1e-6, 'Asin', 'Acos', 'Atanh', 'Log1p', 'Expm1'),
    ...unary(() => tf.add(1.1, positive()), 1e-6, 'Acosh'),
  ];
  it.each(table)('%s', async (name, x, tolerance) => {
    const run = (t: Tensor) => engine().runKernel(name, { x: t }) as Tensor;
    expect((await agreement(run, x())).difference).toBeLessThan(tolerance);
  });
});
