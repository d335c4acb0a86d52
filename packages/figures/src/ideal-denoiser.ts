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
import type { FigureContext } from './context.js';

/** A denoiser with its items on the backend. */
export interface IdealDenoiser {
  readonly denoise: Denoiser;
  dispose(): Promise<void>;
}

/**
 * The minimiser of denoising score matching on these items: with p_data the items themselves,
 * E[x₀ | x_t] = Σ_i w_i x_i, w the softmax of −‖x_t − αx_i‖²/(2σ²) over i (Karras et al. 2022,
 * appendix B.3). Sampling with it ends on one of the items.
 *
 * @param items [N, ...itemShape]
 */
export function idealDenoiser({ backend }: FigureContext, items: FloatArray): IdealDenoiser {
  const [count = 0] = items.shape;
  const size = items.data.length / count;
  const flat = toTensor({ data: items.data, shape: [count, size] });
  const compiled = backend.compile(
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
      const scalars = [scalar(alpha), scalar(1 / sigma ** 2)] as const;
      try {
        return await compiled(flat, x, ...scalars);
      } finally {
        for (const tensor of scalars) tensor.dispose();
      }
    },
    async dispose() {
      flat.dispose();
      await compiled.dispose();
    },
  };
}
