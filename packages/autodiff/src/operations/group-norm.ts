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
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { type Composite, runComposite } from './composite.js';
import { differentiate } from './differentiate.js';

export interface GroupNormAttributes {
  readonly groups: number;
  readonly epsilon: number;
  /** What follows at once: nothing, or x·σ(x). */
  readonly activation: 'none' | 'silu';
}

type Inputs = { x: Tensor; scale: Tensor; offset: Tensor };

/** [N, ...space, C] as [N, P, G, C/G]. */
function grouped(x: Tensor, groups: number): Tensor {
  const channels = x.shape[x.rank - 1]!;
  const items = x.shape[0]!;
  return reshape(x, [items, x.size / items / channels, groups, channels / groups]);
}

function normalize(
  x: Tensor,
  { groups, epsilon }: GroupNormAttributes,
): { centred: Tensor; inverse: Tensor } {
  const parts = grouped(x, groups);
  // One axis at a time: the pixels first, then the few channels of a group.
  const average = (t: Tensor) => mean(mean(t, 1, true), 3, true);
  const centred = sub(parts, average(parts));
  const inverse = rsqrt(add(average(square(centred)), scalar(epsilon)));
  return { centred: mul(centred, inverse), inverse };
}

function affine({ x, scale, offset }: Inputs, attributes: GroupNormAttributes): Tensor {
  const normalized = reshape(normalize(x, attributes).centred, x.shape);
  return add(mul(normalized, scale), offset);
}

function plain(inputs: Inputs, attributes: GroupNormAttributes): Tensor {
  const y = affine(inputs, attributes);
  return attributes.activation === 'silu' ? mul(y, sigmoid(y)) : y;
}

const forward: Composite<Inputs, GroupNormAttributes> = {
  kernelName: 'TweedieGroupNorm',
  decompose: plain,
};

const gradient: Composite<Inputs & { dy: Tensor }, GroupNormAttributes> = {
  kernelName: 'TweedieGroupNormGrad',
  decompose({ x, scale, offset, dy }, attributes) {
    const { groups, activation } = attributes;
    const { centred, inverse } = normalize(x, attributes);
    let dz = dy;
    if (activation === 'silu') {
      const y = add(mul(reshape(centred, x.shape), scale), offset);
      const gate = sigmoid(y);
      dz = mul(dy, mul(gate, add(scalar(1), mul(y, sub(scalar(1), gate)))));
    }
    const perPixel = (t: Tensor) => reshape(t, [t.size / scale.size, scale.size]);
    const doffset = sum(perPixel(dz), 0);
    const dscale = sum(mul(perPixel(dz), perPixel(centred)), 0);
    const dnormalized = grouped(mul(dz, scale), groups);
    const average = (t: Tensor) => mean(mean(t, 1, true), 3, true);
    const dx = mul(
      inverse,
      sub(sub(dnormalized, average(dnormalized)), mul(centred, average(mul(dnormalized, centred)))),
    );
    return [reshape(dx, x.shape), dscale, doffset];
  },
};

export const groupNormGradients: readonly GradConfig[] = [
  {
    kernelName: forward.kernelName,
    inputsToSave: ['x', 'scale', 'offset'],
    gradFunc: (dy, saved, attrs) => {
      const [x, scale, offset] = saved as [Tensor, Tensor, Tensor];
      const inputs = { x, scale, offset, dy: dy as Tensor };
      const [dx, dscale, doffset] = runComposite(
        gradient,
        inputs,
        attrs as unknown as GroupNormAttributes,
      ) as Tensor[];
      return { x: () => dx!, scale: () => dscale!, offset: () => doffset! };
    },
  },
  {
    kernelName: gradient.kernelName,
    inputsToSave: ['x', 'scale', 'offset', 'dy'],
    gradFunc: (outer, saved, attrs) => {
      // Second order is rare, so it differentiates the plain formula of the first.
      const attributes = attrs as unknown as GroupNormAttributes;
      const [dx, dscale, doffset, ddy] = differentiate(
        ([x, scale, offset, dy]) =>
          gradient.decompose(
            { x: x!, scale: scale!, offset: offset!, dy: dy! },
            attributes,
          ) as Tensor[],
        saved,
        outer as Tensor[],
      );
      return { x: () => dx!, scale: () => dscale!, offset: () => doffset!, dy: () => ddy! };
    },
  },
];

/**
 * Group normalisation over all positions and the channels of a group, then scale and offset a
 * channel. Wu & He, "Group normalization" (2018).
 *
 * @param x channels last: [N, C], [N, L, C] or [N, H, W, C]
 * @param scale [C]
 * @param offset [C]
 * @throws TweedieError INVALID_SHAPE when groups do not divide C, or scale or offset are not [C]
 */
export function groupNorm<T extends Tensor>(
  x: T,
  scale: Tensor1D | Tensor,
  offset: Tensor1D | Tensor,
  options: { groups: number; epsilon?: number; activation?: 'none' | 'silu' },
): T {
  const { groups, epsilon = 1e-5, activation = 'none' } = options;
  const channels = x.shape[x.rank - 1];
  const fits =
    x.rank >= 2 &&
    Number.isInteger(groups) &&
    groups >= 1 &&
    channels! % groups === 0 &&
    scale.size === channels &&
    offset.size === channels;
  if (!fits) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `groupNorm got x [${x.shape.join(', ')}], scale [${scale.shape.join(', ')}], offset [${offset.shape.join(', ')}] and ${groups} groups`,
      allowed: 'x [N, ..., C], scale [C] and offset [C], with groups that divide C',
    });
  }
  return runComposite(forward, { x, scale, offset }, { groups, epsilon, activation }) as T;
}
