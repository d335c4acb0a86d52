import {
  add,
  type GradConfig,
  mean,
  mul,
  reshape,
  rsqrt,
  scalar,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { gradient } from '../gradients/gradient.js';
import { type Composite, runComposite } from './composite.js';
import { gradientByDecomposition } from './second-order.js';

export interface GroupNormAttributes {
  readonly groups: number;
  readonly epsilon: number;
  /** What follows at once: nothing, or x·σ(x). */
  readonly activation: 'none' | 'silu';
}

type Inputs = { readonly x: Tensor; readonly scale: Tensor; readonly offset: Tensor };

/** [N, ...space, C] as [N, P, G, C/G]. */
function grouped(x: Tensor, groups: number): Tensor {
  const channels = x.shape[x.rank - 1]!;
  const items = x.shape[0]!;
  return reshape(x, [items, x.size / items / channels, groups, channels / groups]);
}

/** Means over each group, one axis at a time: the positions first, then the group's few channels. */
const averaged = (parts: Tensor) => mean(mean(parts, 1, true), 3, true);

function normalize(
  x: Tensor,
  { groups, epsilon }: GroupNormAttributes,
): { normalized: Tensor; inverse: Tensor } {
  const parts = grouped(x, groups);
  const centred = sub(parts, averaged(parts));
  const inverse = rsqrt(add(averaged(square(centred)), scalar(epsilon)));
  return { normalized: mul(centred, inverse), inverse };
}

const forward: Composite<Inputs, GroupNormAttributes> = {
  kernelName: 'TweedieGroupNorm',
  decompose({ x, scale, offset }, attributes) {
    const normalized = reshape(normalize(x, attributes).normalized, x.shape);
    const y = add(mul(normalized, scale), offset);
    return attributes.activation === 'silu' ? mul(y, sigmoid(y)) : y;
  },
};

const backward: Composite<
  Inputs & { readonly dy: Tensor },
  GroupNormAttributes,
  readonly Tensor[]
> = {
  kernelName: 'TweedieGroupNormGrad',
  decompose({ x, scale, offset, dy }, attributes) {
    const { normalized, inverse } = normalize(x, attributes);
    let dz = dy;
    if (attributes.activation === 'silu') {
      const y = add(mul(reshape(normalized, x.shape), scale), offset);
      const gate = sigmoid(y);
      dz = mul(dy, mul(gate, add(scalar(1), mul(y, sub(scalar(1), gate)))));
    }
    const byChannel = (t: Tensor) => reshape(t, [t.size / scale.size, scale.size]);
    const doffset = sum(byChannel(dz), 0);
    const dscale = sum(mul(byChannel(dz), byChannel(normalized)), 0);
    const d = grouped(mul(dz, scale), attributes.groups);
    const along = mul(normalized, averaged(mul(d, normalized)));
    const dx = mul(inverse, sub(sub(d, averaged(d)), along));
    return [reshape(dx, x.shape), dscale, doffset];
  },
};

export const groupNormGradients: readonly GradConfig[] = [
  gradient(
    forward.kernelName,
    ['x', 'scale', 'offset'],
    (dy, [x, scale, offset], attributes: GroupNormAttributes) => {
      const [dx, dscale, doffset] = runComposite(backward, { x, scale, offset, dy }, attributes);
      return { x: () => dx!, scale: () => dscale!, offset: () => doffset! };
    },
  ),
  gradientByDecomposition(backward, ['x', 'scale', 'offset', 'dy']),
];

export interface GroupNormOptions {
  /** Number of groups; divides the number of channels. */
  readonly groups: number;
  /** Added to the variance; 1e-5 by default. */
  readonly epsilon?: number;
  /** What follows at once: nothing (by default), or x·σ(x). */
  readonly activation?: 'none' | 'silu';
}

/**
 * Group normalisation over all positions and the channels of a group, then scale and offset a
 * channel. Wu & He, "Group normalization" (2018).
 *
 * @param x channels last: [N, C], [N, L, C] or [N, H, W, C]
 * @param scale [C]
 * @param offset [C]
 * @returns of x's shape
 * @throws TweedieError INVALID_SHAPE when groups do not divide C, or scale or offset are not [C],
 * INVALID_OPTION when epsilon is negative
 */
export function groupNorm<T extends Tensor>(
  x: T,
  scale: Tensor,
  offset: Tensor,
  options: GroupNormOptions,
): T {
  const { groups, epsilon = 1e-5, activation = 'none' } = options;
  const channels = x.shape[x.rank - 1] ?? 0;
  const perChannel = (t: Tensor) => t.rank === 1 && t.size === channels;
  const divides = Number.isInteger(groups) && groups >= 1 && channels % groups === 0;
  if (x.rank < 2 || !divides || !perChannel(scale) || !perChannel(offset)) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `groupNorm got x [${x.shape.join(', ')}], scale [${scale.shape.join(', ')}], offset [${offset.shape.join(', ')}] and ${groups} groups`,
      allowed: 'x [N, …, C], scale [C] and offset [C], with groups that divide C',
    });
  }
  if (!(epsilon >= 0)) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'autodiff',
      given: `groupNorm got epsilon ${epsilon}`,
      allowed: 'a number of at least 0',
    });
  }
  return runComposite(forward, { x, scale, offset }, { groups, epsilon, activation }) as T;
}
