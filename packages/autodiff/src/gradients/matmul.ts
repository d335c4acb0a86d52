import { type GradConfig, matMul, type Tensor } from '@tensorflow/tfjs-core';
import { unbroadcast } from './broadcasting.js';

/** Batched matrix product with either operand transposed, and batch axes that broadcast. */
export const matMulGradients: readonly GradConfig[] = [
  {
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved, attrs) => {
      const [a, b] = saved as [Tensor, Tensor];
      const g = dy as Tensor;
      const { transposeA, transposeB } = attrs as unknown as {
        transposeA: boolean;
        transposeB: boolean;
      };
      return {
        a: () =>
          unbroadcast(
            transposeA ? matMul(b, g, transposeB, true) : matMul(g, b, false, !transposeB),
            a.shape,
          ),
        b: () =>
          unbroadcast(
            transposeB ? matMul(g, a, true, transposeA) : matMul(a, g, !transposeA, false),
            b.shape,
          ),
      };
    },
  },
];
