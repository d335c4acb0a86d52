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
  tidy,
} from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import { type Backend, type FloatArray, sizeOf, TweedieError } from '@tweedie/core';
import type { DisposableDenoiser } from '../disposable-denoiser.js';

/** Stands for 1/σ² where there is no noise: one item has all the weight, and float32 holds it. */
const LARGEST_PRECISION = 1e30;

/**
 * The exact denoiser of the empirical distribution of these items, which is the minimiser of denoising
 * score matching on them: E[x₀ | x_t] = Σ_i w_i x_i, w the softmax of −‖x_t − αx_i‖²/(2σ²) over i.
 * Karras et al., "Elucidating the design space of diffusion-based generative models" (2022), appendix
 * B.3. Sampling with it ends on one of the items, so it shows what a network that only remembers would
 * do. The exponents are rounded by about 10⁻⁷ ‖x_t‖²/σ². At σ = 0 it is the nearest item.
 *
 * @param options.items [N, ...itemShape], held as one tensor until `dispose`
 * @param options.backend compiles it; without it tfjs runs it operation by operation
 * @throws TweedieError INVALID_VALUE when there are no items
 */
export function empiricalDenoiser({
  items,
  backend,
}: {
  readonly items: FloatArray;
  readonly backend?: Backend | undefined;
}): DisposableDenoiser {
  const [count = 0, ...itemShape] = items.shape;
  if (count === 0) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'denoisers',
      given: 'there are no items to denoise towards',
      allowed: 'at least one item',
    });
  }
  const size = sizeOf(itemShape);
  const held = toTensor({ data: items.data, shape: [count, size] });
  const posteriorMean = (all: Tensor, x: Tensor, alpha: Scalar, precision: Scalar): Tensor => {
    const rows = reshape(x, [-1, size]);
    // ‖x‖² is the same for all items and drops out of the softmax.
    const scalarProducts = mul(matMul(rows, all, false, true), alpha);
    const norms = mul(sum(mul(all, all), 1), mul(mul(alpha, alpha), 0.5));
    const weights = softmax(mul(sub(scalarProducts, norms), precision));
    return reshape(matMul(weights, all), x.shape);
  };
  const compiled = backend?.compile(posteriorMean);
  let disposed = false;
  const denoiser = async (x: Tensor, { alpha, sigma }: { alpha: number; sigma: number }) => {
    if (disposed || x.shape.slice(1).join() !== itemShape.join()) {
      throw new TweedieError({
        code: disposed ? 'INVALID_VALUE' : 'INVALID_SHAPE',
        package: 'denoisers',
        given: disposed
          ? 'the denoiser is called and it was disposed'
          : `x has the shape [${x.shape.join(', ')}]`,
        allowed: disposed ? 'use before dispose()' : `[B, ${itemShape.join(', ')}]`,
      });
    }
    const precision = Math.min(sigma ** -2, LARGEST_PRECISION);
    const scalars = [scalar(alpha), scalar(precision)] as const;
    try {
      return compiled === undefined
        ? tidy(() => posteriorMean(held, x, ...scalars))
        : await compiled(held, x, ...scalars);
    } finally {
      for (const tensor of scalars) tensor.dispose();
    }
  };
  return Object.assign(denoiser, {
    async dispose() {
      if (disposed) return;
      disposed = true;
      held.dispose();
      await compiled?.dispose();
    },
  });
}
