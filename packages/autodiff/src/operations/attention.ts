import {
  type GradConfig,
  matMul,
  mul,
  scalar,
  softmax,
  sub,
  sum,
  type Tensor,
  type Tensor3D,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { gradient } from '../tape/gradient.js';
import { type Composite, runComposite } from './composite.js';
import { gradientByDecomposition } from './second-order.js';

interface Attributes {
  readonly scale: number;
}
type Inputs = { readonly q: Tensor; readonly k: Tensor; readonly v: Tensor };

const weightsOf = ({ q, k }: { q: Tensor; k: Tensor }, { scale }: Attributes) =>
  softmax(mul(matMul(q, k, false, true), scalar(scale)), -1);

const forward: Composite<Inputs, Attributes> = {
  kernelName: 'TweedieAttention',
  decompose: (inputs, attributes) => matMul(weightsOf(inputs, attributes), inputs.v),
};

const backward: Composite<Inputs & { readonly dy: Tensor }, Attributes, readonly Tensor[]> = {
  kernelName: 'TweedieAttentionGrad',
  decompose({ q, k, v, dy }, attributes) {
    const weights = weightsOf({ q, k }, attributes);
    const dv = matMul(weights, dy, true, false);
    const weighted = mul(weights, matMul(dy, v, false, true));
    const dlogits = mul(
      sub(weighted, mul(weights, sum(weighted, -1, true))),
      scalar(attributes.scale),
    );
    return [matMul(dlogits, k), matMul(dlogits, q, true, false), dv];
  },
};

export const attentionGradients: readonly GradConfig[] = [
  gradient(forward.kernelName, ['q', 'k', 'v'], (dy, [q, k, v], attributes: Attributes) => {
    const [dq, dk, dv] = runComposite(backward, { q, k, v, dy }, attributes);
    return { q: () => dq!, k: () => dk!, v: () => dv! };
  }),
  gradientByDecomposition(backward, ['q', 'k', 'v', 'dy']),
];

/**
 * Scaled dot-product attention, softmax(scale·q kᵀ) v. Vaswani et al., "Attention is all you need"
 * (2017), eq. 1. Heads are part of the batch axis.
 *
 * @param q [B, T, D]
 * @param k [B, S, D]
 * @param v [B, S, E]
 * @returns [B, T, E]
 * @throws TweedieError INVALID_SHAPE, INVALID_OPTION
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: { /** default 1/√D */ scale?: number } = {},
): Tensor3D {
  const fits =
    q.rank === 3 &&
    k.rank === 3 &&
    v.rank === 3 &&
    q.shape[0] === k.shape[0] &&
    k.shape[0] === v.shape[0] &&
    q.shape[2] === k.shape[2] &&
    k.shape[1] === v.shape[1];
  if (!fits) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `attention got q [${q.shape.join(', ')}], k [${k.shape.join(', ')}] and v [${v.shape.join(', ')}]`,
      allowed: 'q [B, T, D], k [B, S, D] and v [B, S, E]',
    });
  }
  const scale = options.scale ?? 1 / Math.sqrt(q.shape[2]!);
  if (!Number.isFinite(scale)) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'autodiff',
      given: `attention got scale ${scale}`,
      allowed: 'a finite number',
    });
  }
  return runComposite(forward, { q, k, v }, { scale }) as Tensor3D;
}
