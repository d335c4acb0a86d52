import { type GradConfig, matMul } from '@tensorflow/tfjs-core';
import { gradient } from '../tape/gradient.js';
import { unbroadcast } from './broadcasting.js';

/** Batched matrix product with either operand transposed, and batch axes that broadcast. */
export const matMulGradients: readonly GradConfig[] = [
  gradient(
    'BatchMatMul',
    ['a', 'b'],
    (dy, [a, b], { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean }) => ({
      a: () =>
        unbroadcast(
          transposeA ? matMul(b, dy, transposeB, true) : matMul(dy, b, false, !transposeB),
          a.shape,
        ),
      b: () =>
        unbroadcast(
          transposeB ? matMul(dy, a, true, transposeA) : matMul(a, dy, !transposeA, false),
          b.shape,
        ),
    }),
  ),
];
