import {
  matMul,
  mul,
  reshape,
  type Scalar,
  scalar,
  softmax,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import type { Denoiser, FloatArray } from '@tweedie/core';
import type { Bench } from './bench.js';

/** A denoiser that holds its data on the backend. */
export interface IdealDenoiser {
  readonly denoise: Denoiser;
  dispose(): Promise<void>;
}

/**
 * The denoiser that a perfect training on these items would end at: with p_data the items
 * themselves, E[x₀ | x_t] = Σ_i w_i x_i, w the softmax of −‖x_t − αx_i‖²/(2σ²). Sampling with it
 * ends on one of the items.
 *
 * @param items [N, ...itemShape]
 */
export function idealDenoiser(bench: Bench, items: FloatArray): IdealDenoiser {
  const [count = 0] = items.shape;
  const size = items.data.length / count;
  const flat = toTensor({ data: items.data, shape: [count, size] });
  const compiled = bench.backend.compile(
    (all: Tensor, x: Tensor, alpha: Scalar, precision: Scalar): Tensor => {
      const rows = reshape(x, [-1, size]);
      // ‖x‖² is the same for all items and drops out of the softmax.
      const scalarProducts = mul(matMul(rows, all, false, true), alpha);
      const norms = mul(sum(mul(all, all), 1), mul(mul(alpha, alpha), 0.5));
      const weights = softmax(mul(sub(scalarProducts, norms), precision));
      return reshape(matMul(weights, all), x.shape);
    },
  );
  return {
    denoise: async (x, { alpha, sigma }) => {
      const told = [scalar(alpha), scalar(1 / sigma ** 2)] as const;
      try {
        return await compiled(flat, x, ...told);
      } finally {
        for (const tensor of told) tensor.dispose();
      }
    },
    async dispose() {
      flat.dispose();
      await compiled.dispose();
    },
  };
}
