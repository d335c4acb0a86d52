import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import fc from 'fast-check';
import { it } from 'vitest';
import {
  describeGradients,
  expectFirstOrder,
  expectSecondOrder,
  type GradientCase,
} from '../finite-differences.testing.js';
import { matMulGradients } from './matmul.js';

function product(
  batchA: number[],
  batchB: number[],
  transposeA: boolean,
  transposeB: boolean,
): GradientCase {
  return {
    fn: (a, b) => tf.matMul(a!, b!, transposeA, transposeB),
    shapes: [
      [...batchA, ...(transposeA ? [3, 2] : [2, 3])],
      [...batchB, ...(transposeB ? [4, 3] : [3, 4])],
    ],
  };
}

const cases: Record<string, GradientCase> = {};
for (const transposeA of [false, true]) {
  for (const transposeB of [false, true]) {
    const kind = `${transposeA ? 'Aᵀ' : 'A'} ${transposeB ? 'Bᵀ' : 'B'}`;
    cases[kind] = product([], [], transposeA, transposeB);
    cases[`${kind}, batched`] = product([2, 3], [2, 3], transposeA, transposeB);
    cases[`${kind}, one A for all`] = product([1], [3], transposeA, transposeB);
    cases[`${kind}, B without a batch axis`] = product([3], [], transposeA, transposeB);
  }
}
cases['A Aᵀ'] = { fn: (a) => tf.matMul(a!, a!, false, true), shapes: [[2, 3]] };

describeGradients('gradients of matMul', matMulGradients, cases, () => {
  it('are right for any batch axes that broadcast', () => {
    const axis = fc.constantFrom([2, 2], [1, 3], [3, 1], [1, 1]);
    fc.assert(
      fc.property(
        fc.array(axis, { maxLength: 2 }),
        fc.boolean(),
        fc.boolean(),
        (axes, transposeA, transposeB) => {
          const a = axes.map(([extent]) => extent!);
          const b = axes.map(([, extent]) => extent!);
          const example = product(a, b, transposeA, transposeB);
          expectFirstOrder(example, createRng(2));
          expectSecondOrder(example, createRng(2));
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });
});
