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
import { type Composite, runComposite } from './composite.js';
import { differentiate } from './differentiate.js';

interface Attributes {
  readonly scale: number;
}
type Inputs = { q: Tensor; k: Tensor; v: Tensor };

const weightsOf = ({ q, k }: { q: Tensor; k: Tensor }, { scale }: Attributes) =>
  softmax(mul(matMul(q, k, false, true), scalar(scale)), -1);

const forward: Composite<Inputs, Attributes> = {
  kernelName: 'TweedieAttention',
  decompose: (inputs, attributes) => matMul(weightsOf(inputs, attributes), inputs.v),
};

const gradient: Composite<Inputs & { dy: Tensor }, Attributes> = {
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
  {
    kernelName: forward.kernelName,
    inputsToSave: ['q', 'k', 'v'],
    gradFunc: (dy, saved, attrs) => {
      const [q, k, v] = saved as [Tensor, Tensor, Tensor];
      const inputs = { q, k, v, dy: dy as Tensor };
      const [dq, dk, dv] = runComposite(
        gradient,
        inputs,
        attrs as unknown as Attributes,
      ) as Tensor[];
      return { q: () => dq!, k: () => dk!, v: () => dv! };
    },
  },
  {
    kernelName: gradient.kernelName,
    inputsToSave: ['q', 'k', 'v', 'dy'],
    gradFunc: (outer, saved, attrs) => {
      const attributes = attrs as unknown as Attributes;
      const [dq, dk, dv, ddy] = differentiate(
        ([q, k, v, dy]) =>
          gradient.decompose({ q: q!, k: k!, v: v!, dy: dy! }, attributes) as Tensor[],
        saved,
        outer as Tensor[],
      );
      return { q: () => dq!, k: () => dk!, v: () => dv!, dy: () => ddy! };
    },
  },
];

/**
 * Scaled dot-product attention, softmax(scale·q kᵀ) v. Vaswani et al., "Attention is all you need"
 * (2017), eq. 1. Heads are part of the batch axis.
 *
 * @param q [B, T, D]
 * @param k [B, S, D]
 * @param v [B, S, E]
 * @returns [B, T, E]
 * @throws TweedieError INVALID_SHAPE
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
  return runComposite(forward, { q, k, v }, { scale }) as Tensor3D;
}
