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
import { gradient } from '../tape/gradient.js';
import { type Composite, runComposite } from './composite.js';
import { gradientByDecomposition } from './second-order.js';

export interface GroupNormAttributes {
  readonly groups: number;
  readonly epsilon: number;
  /** The activation that the same kernel applies: none, or x·σ(x). */
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

/** [C], or [N, C] where each item has factors of its own, in a shape that multiplies x. */
function perChannel(factors: Tensor, x: Tensor): Tensor {
  if (factors.rank === 1) return factors;
  const [items, channels] = factors.shape as [number, number];
  return reshape(factors, [items, ...Array<number>(x.rank - 2).fill(1), channels]);
}

/** The sum of a tensor of x's shape over all that shares a factor. */
function sumLike(factors: Tensor, t: Tensor): Tensor {
  const channels = factors.shape[factors.rank - 1]!;
  if (factors.rank === 1) return sum(reshape(t, [t.size / channels, channels]), 0);
  const items = factors.shape[0]!;
  return sum(reshape(t, [items, t.size / items / channels, channels]), 1);
}

const forward: Composite<Inputs, GroupNormAttributes> = {
  kernelName: 'TweedieGroupNorm',
  decompose({ x, scale, offset }, attributes) {
    const normalized = reshape(normalize(x, attributes).normalized, x.shape);
    const y = add(mul(normalized, perChannel(scale, x)), perChannel(offset, x));
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
      const y = add(mul(reshape(normalized, x.shape), perChannel(scale, x)), perChannel(offset, x));
      const gate = sigmoid(y);
      dz = mul(dy, mul(gate, add(scalar(1), mul(y, sub(scalar(1), gate)))));
    }
    const doffset = sumLike(offset, dz);
    const dscale = sumLike(scale, mul(dz, reshape(normalized, x.shape)));
    const d = grouped(mul(dz, perChannel(scale, x)), attributes.groups);
    const along = mul(normalized, averaged(mul(d, normalized)));
    const dx = mul(inverse, sub(sub(d, averaged(d)), along));
    return [reshape(dx, x.shape), dscale, doffset];
  },
};

type ShiftedInputs = Inputs & { readonly shift: Tensor };

/** The norm of x + shift: a kernel of its own, since tfjs saves no input that may be missing. */
const shiftedForward: Composite<ShiftedInputs, GroupNormAttributes> = {
  kernelName: 'TweedieShiftedGroupNorm',
  decompose: ({ x, shift, ...factors }, attributes) =>
    forward.decompose({ x: add(x, perChannel(shift, x)), ...factors }, attributes),
};

const shiftedBackward: Composite<
  ShiftedInputs & { readonly dy: Tensor },
  GroupNormAttributes,
  readonly Tensor[]
> = {
  kernelName: 'TweedieShiftedGroupNormGrad',
  decompose({ x, shift, ...rest }, attributes) {
    const shifted = add(x, perChannel(shift, x));
    const [dx, dscale, doffset] = backward.decompose({ x: shifted, ...rest }, attributes);
    return [dx!, dscale!, doffset!, sumLike(shift, dx!)];
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
  gradient(
    shiftedForward.kernelName,
    ['x', 'scale', 'offset', 'shift'],
    (dy, [x, scale, offset, shift], attributes: GroupNormAttributes) => {
      const inputs = { x, scale, offset, shift, dy };
      const [dx, dscale, doffset, dshift] = runComposite(shiftedBackward, inputs, attributes);
      return { x: () => dx!, scale: () => dscale!, offset: () => doffset!, shift: () => dshift! };
    },
  ),
  gradientByDecomposition(shiftedBackward, ['x', 'scale', 'offset', 'shift', 'dy']),
];

export interface GroupNormOptions {
  /** Number of groups; divides the number of channels. */
  readonly groups: number;
  /** Added to the variance; 1e-5 by default. */
  readonly epsilon?: number;
  /** The activation that the same kernel applies: none (by default), or x·σ(x). */
  readonly activation?: 'none' | 'silu';
  /** Added to x first, one number for each item and channel, [N, C]; free in a compiled graph. */
  readonly shift?: Tensor | undefined;
}

/**
 * Group normalisation over all positions and the channels of a group, then scale and offset a
 * channel. Wu & He, "Group normalization" (2018). With a group for each channel it is instance
 * normalisation.
 *
 * @param x channels last: [N, C], [N, L, C] or [N, H, W, C]
 * @param scale [C], or [N, C] for one of each item
 * @param offset of scale's shape
 * @returns of x's shape
 * @throws TweedieError INVALID_SHAPE when groups do not divide C, or scale, offset or shift have
 * another shape, INVALID_OPTION when epsilon is negative
 */
export function groupNorm<T extends Tensor>(
  x: T,
  scale: Tensor,
  offset: Tensor,
  options: GroupNormOptions,
): T {
  const { groups, epsilon = 1e-5, activation = 'none', shift } = options;
  const channels = x.shape[x.rank - 1] ?? 0;
  const shapes = [`${channels}`, `${x.shape[0]},${channels}`];
  const fits = shapes.includes(`${scale.shape}`) && `${offset.shape}` === `${scale.shape}`;
  const divides = Number.isInteger(groups) && groups >= 1 && channels % groups === 0;
  if (x.rank < 2 || !divides || !fits) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `groupNorm got x [${x.shape.join(', ')}], scale [${scale.shape.join(', ')}], offset [${offset.shape.join(', ')}] and ${groups} groups`,
      allowed: 'x [N, …, C], scale and offset [C] or [N, C], with groups that divide C',
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
  if (shift !== undefined && `${shift.shape}` !== `${x.shape[0]},${channels}`) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `groupNorm got x [${x.shape.join(', ')}] and shift [${shift.shape.join(', ')}]`,
      allowed: `shift [${x.shape[0]}, ${channels}], one number for each item and channel`,
    });
  }
  const attributes = { groups, epsilon, activation };
  return (
    shift === undefined
      ? runComposite(forward, { x, scale, offset }, attributes)
      : runComposite(shiftedForward, { x, scale, offset, shift }, attributes)
  ) as T;
}
