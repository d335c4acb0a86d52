import {
  add,
  div,
  type GradConfig,
  matMul,
  mul,
  neg,
  pow,
  reshape,
  rsqrt,
  scalar,
  square,
  sub,
  type Tensor,
  tensor,
} from '@tensorflow/tfjs-core';
import { gradient } from '../tape/gradient.js';
import { unbroadcast } from './broadcasting.js';

interface ResponseAttributes {
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Ones where two channels are at most `radius` apart: [C, C]. */
const neighbours = (channels: number, radius: number) =>
  tensor(
    Float32Array.from({ length: channels * channels }, (_, i) =>
      Number(Math.abs((i % channels) - Math.floor(i / channels)) <= radius),
    ),
    [channels, channels],
  );

/** The sum over neighbouring channels. */
function overNeighbours(x: Tensor, radius: number): Tensor {
  const channels = x.shape.at(-1)!;
  const pixels = reshape(x, [x.size / channels, channels]);
  return reshape(matMul(pixels, neighbours(channels, radius)), x.shape);
}

export const normalizationGradients: readonly GradConfig[] = [
  // (x − mean)/√(variance + ε)·scale + offset, with statistics that are given. `tf.batchNorm` needs
  // a scale where it is differentiated: tfjs cannot save an input that is left out.
  gradient(
    'FusedBatchNorm',
    ['x', 'mean', 'variance', 'scale'],
    (dy, [x, mean, variance, scale], { varianceEpsilon }: { readonly varianceEpsilon: number }) => {
      const inverse = () => rsqrt(add(variance, scalar(varianceEpsilon)));
      const centred = () => sub(x, mean);
      return {
        x: () => unbroadcast(mul(dy, mul(inverse(), scale)), x.shape),
        mean: () => unbroadcast(neg(mul(dy, mul(inverse(), scale))), mean.shape),
        variance: () => {
          const slope = mul(scalar(-0.5), div(inverse(), add(variance, scalar(varianceEpsilon))));
          return unbroadcast(mul(dy, mul(centred(), mul(slope, scale))), variance.shape);
        },
        scale: () => unbroadcast(mul(dy, mul(centred(), inverse())), scale.shape),
        offset: () => unbroadcast(dy, scale.shape),
      };
    },
  ),
  // y = x·n^−β with n = bias + α Σ x², the sum over the neighbouring channels (Krizhevsky et al.,
  // 2012, section 3.3).
  gradient('LRN', ['x'], (dy, [x], { depthRadius, bias, alpha, beta }: ResponseAttributes) => ({
    x: () => {
      const n = add(mul(overNeighbours(square(x), depthRadius), scalar(alpha)), scalar(bias));
      const own = mul(dy, pow(n, scalar(-beta)));
      const shared = overNeighbours(mul(own, div(x, n)), depthRadius);
      return sub(own, mul(mul(x, shared), scalar(2 * alpha * beta)));
    },
  })),
];
