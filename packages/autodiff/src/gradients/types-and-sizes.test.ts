import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import '../index.js';

type Operation = (...xs: tf.Tensor[]) => tf.Tensor;

beforeAll(() => tf.engine().startScope());
afterAll(() => tf.engine().endScope());

const int = (values: number[], shape = [values.length]) => tf.tensor(values, shape, 'int32');
const bool = (values: number[], shape = [values.length]) => tf.tensor(values, shape, 'bool');
const float = (x: tf.Tensor) => tf.cast(x, 'float32');

/** The gradients of Σ i fᵢ, each element of the result with a weight of its own. */
function gradients(fn: Operation, inputs: tf.Tensor[]): number[][] {
  const { shape, size } = fn(...inputs);
  const weights = tf.tensor(
    Float32Array.from({ length: size }, (_, i) => i + 1),
    shape,
  );
  return tf
    .grads(fn)(inputs, weights)
    .map((gradient, i) => {
      expect([gradient.dtype, gradient.shape]).toEqual(['float32', inputs[i]!.shape]);
      return Array.from(gradient.dataSync());
    });
}

const unary: Record<string, Operation> = {
  abs: tf.abs as Operation,
  expm1: tf.expm1 as Operation,
  relu: tf.relu as Operation,
  relu6: tf.relu6 as Operation,
  selu: tf.selu as Operation,
  neg: tf.neg as Operation,
  square: tf.square as Operation,
  softplus: tf.softplus as Operation,
  reciprocal: tf.reciprocal as Operation,
  tanh: (x) => tf.tanh(float(x)),
  clipByValue: (x) => tf.clipByValue(x!, 2, 4),
  leakyRelu: (x) => tf.leakyRelu(tf.sub(x!, 3), 0.2),
  sum: (x) => tf.sum(x!, 1),
  mean: (x) => tf.mean(x!, 0),
  max: (x) => tf.max(x!, 1),
  min: (x) => tf.min(x!, 0),
  prod: (x) => tf.prod(x!, -1),
  cumsum: (x) => tf.cumsum(x!, 1),
  cumprod: (x) => tf.cumprod(x!, 1),
  tile: (x) => tf.tile(x!, [2, 1]),
  pad: (x) =>
    tf.pad(x!, [
      [1, 0],
      [0, 2],
    ]),
  gather: (x) => tf.gather(x!, int([2, 0, 2]), 1),
  topk: (x) => tf.topk(x!, 2).values,
  'one of an unstack': (x) => tf.unstack(x!, -1)[1]!,
  'one of a split': (x) => tf.split(x!, [1, 2], 1)[1]!,
  unsortedSegmentSum: (x) => tf.unsortedSegmentSum(x!, int([1, -1]) as tf.Tensor1D, 2),
  maxPool: (x) => tf.maxPool(tf.reshape(x!, [1, 2, 3, 1]) as tf.Tensor4D, 2, 1, 'same'),
  maxPool3d: (x) => tf.maxPool3d(tf.reshape(x!, [1, 1, 2, 3, 1]) as tf.Tensor5D, 3, 1, 'same'),
};

const binary: Record<string, Operation> = {
  add: tf.add as Operation,
  sub: tf.sub as Operation,
  mul: tf.mul as Operation,
  squaredDifference: tf.squaredDifference as Operation,
  maximum: tf.maximum as Operation,
  minimum: tf.minimum as Operation,
  pow: tf.pow as Operation,
  where: (a, b) => tf.where(tf.greater(float(a!), 1), a!, b!),
  matMul: (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true),
  einsum: (a, b) => tf.einsum('ij,kj->ik', a!, b!),
};

const whole = () => int([3, -2, 5, -1, 2, 4], [2, 3]);
const truths = () => bool([1, 0, 1, 1, 0, 0], [2, 3]);

describe('gradients at whole numbers and booleans', () => {
  it.each(Object.entries(unary))('are those at the same real numbers: %s', (_name, fn) => {
    expect(gradients(fn, [whole()])).toEqual(gradients(fn, [float(whole())]));
  });

  it.each(Object.entries(binary))('are those at the same real numbers: %s', (_name, fn) => {
    const other = () => int([2, 1, 3, 1, 2, 2], [2, 3]);
    expect(gradients(fn, [whole(), other()])).toEqual(
      gradients(fn, [float(whole()), float(other())]),
    );
  });

  it('pass through sums and widening of booleans', () => {
    expect(gradients((x) => tf.sum(x!), [truths()])).toEqual([[1, 1, 1, 1, 1, 1]]);
    expect(gradients((x) => tf.sum(x!, 0), [truths()])).toEqual([[1, 2, 3, 1, 2, 3]]);
    expect(gradients((x) => tf.prod(x!), [bool([1, 0, 1])])).toEqual([[0, 1, 0]]);
    expect(gradients(tf.mul as Operation, [int([2, 3]), bool([1, 1])])).toEqual([
      [1, 2],
      [2, 6],
    ]);
  });

  it('of a division of whole numbers, which rounds, are those of the quotient', () => {
    const quotient = gradients(tf.div as Operation, [
      float(int([3, 4, 5])),
      float(int([2, 3, -4])),
    ]);
    expect(gradients(tf.div as Operation, [int([3, 4, 5]), int([2, 3, -4])])).toEqual(quotient);
    expect(gradients(tf.div as Operation, [int([3, 4]), bool([1, 1])])).toEqual([
      [1, 2],
      [-3, -8],
    ]);
  });

  it('are none where a number is rounded', () => {
    const x = tf.tensor1d([1.5, 0, 2]);
    for (const type of ['int32', 'bool'] as const) {
      expect(gradients((y) => tf.cast(y!, type), [x])).toEqual([[0, 0, 0]]);
    }
    expect(gradients((y) => tf.cast(y!, 'bool'), [int([3, 0])])).toEqual([[0, 0]]);
    expect(gradients((y) => tf.floorDiv(y!, 0.7), [x])).toEqual([[0, 0, 0]]);
  });
});

describe('gradients of empty tensors', () => {
  const none = () => tf.zeros([0, 3]);
  const ones3 = () => tf.ones([3]);

  it.each<[string, Operation]>([
    ['sum', (x) => tf.sum(x!, 0)],
    ['mean', (x) => tf.mean(x!, 1)],
    ['max', (x) => tf.max(x!, 1)],
    ['prod', (x) => tf.prod(x!, 0)],
    ['prod of all', (x) => tf.prod(x!)],
    ['cumsum', (x) => tf.cumsum(x!, 1)],
    ['cumprod', (x) => tf.cumprod(x!, 1)],
    ['softmax', (x) => tf.softmax(x!)],
    ['tile', (x) => tf.tile(x!, [2, 2])],
    ['concat', (x) => tf.concat([x!, x!], 1)],
    ['gather', (x) => tf.gather(x!, int([2, 0]), 1)],
    [
      'pad',
      (x) =>
        tf.pad(x!, [
          [1, 0],
          [0, 1],
        ]),
    ],
    ['transpose', (x) => tf.transpose(x!)],
    ['broadcastTo', (x) => tf.broadcastTo(x!, [2, 0, 3])],
    ['matMul', (x) => tf.matMul(x as tf.Tensor2D, tf.ones([3, 2]))],
    ['unsortedSegmentSum', (x) => tf.unsortedSegmentSum(x!, int([]) as tf.Tensor1D, 2)],
  ])('%s', (_name, fn) => {
    expect(gradients(fn, [none()])).toEqual([[]]);
  });

  // tfjs's own `where` does not broadcast to no elements.
  const others = ['matMul', 'einsum', 'where'];
  it.each(Object.entries(binary).filter(([name]) => !others.includes(name)))(
    'that broadcast: %s',
    (_name, fn) => {
      expect(gradients(fn, [none(), ones3()])).toEqual([[], [0, 0, 0]]);
    },
  );

  it('of copies of which there are none', () => {
    expect(gradients((x) => tf.tile(x!, [2, 0]), [tf.ones([1, 2])])).toEqual([[0, 0]]);
  });
});

describe('gradients at zero', () => {
  const at = (fn: Operation, x: number) => gradients(fn, [tf.tensor1d([x])])[0];

  it('are those of tfjs at the kink of an activation', () => {
    expect(at(tf.relu as Operation, 0)).toEqual([0]);
    expect(at((x) => tf.leakyRelu(x!, 0.25), 0)).toEqual([0.25]);
    expect(at((x) => tf.prelu(x!, tf.tensor1d([0.25])), 0)).toEqual([0.25]);
  });

  it('of the absolute value is 0, the middle of its slopes, and not -1', () => {
    expect(at(tf.abs as Operation, 0)).toEqual([0]);
  });
});

describe('the gradient of a product', () => {
  const product = (x: tf.Tensor) => tf.prod(x) as tf.Scalar;

  it('is the product of the other factors, where one or two of them are 0', () => {
    const rows = tf.tensor2d([
      [2, 0, 3],
      [0, 0, 5],
      [1, 2, 3],
    ]);
    expect(gradients((x) => tf.prod(x!, 1), [rows])).toEqual([[0, 6, 0, 0, 0, 0, 18, 9, 6]]);
    expect(gradients((x) => tf.prod(x!, [0, 1]), [tf.tensor2d([[4, 0]])])).toEqual([[0, 4]]);
  });

  it('has the derivatives of a product, where a factor is 0', () => {
    const hessianTimes = (direction: number[]) =>
      tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.grad(product)(x), direction)))(
        tf.tensor1d([2, 0, 3]),
      );
    // H = [[0, 3, 0], [3, 0, 2], [0, 2, 0]]
    expect(Array.from(hessianTimes([1, 0, 0]).dataSync())).toEqual([0, 3, 0]);
    expect(Array.from(hessianTimes([0, 1, 0]).dataSync())).toEqual([3, 0, 2]);
    expect(Array.from(hessianTimes([0, 0, 1]).dataSync())).toEqual([0, 2, 0]);
  });
});
