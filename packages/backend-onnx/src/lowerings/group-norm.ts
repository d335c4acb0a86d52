import {
  add,
  maximum,
  mul,
  neg,
  reciprocal,
  sigmoid,
  sqrt,
  square,
  sub,
} from '../graph/arithmetic.js';
import type { Value } from '../graph/graph.js';
import { reduceMean, reduceSum } from '../graph/reduction.js';
import { expand, reshape } from '../graph/shape.js';
import { type Channels, channelsOf } from '../trace/channels.js';
import { type KernelCall, type Lowering, lowering } from '../trace/lowering.js';
import { commonLayout, image, rows, type Traced, traced } from '../trace/traced.js';

interface GroupNormAttributes {
  readonly groups: number;
  readonly epsilon: number;
  readonly activation: 'none' | 'silu';
}

/** What both passes compute: written alike in both, it is computed once. */
interface Normalization {
  /** [N, G, 1] */
  readonly mean: Value;
  readonly inverseDeviation: Value;
  /** [1, G, C/G], or [N, G, C/G] where each item has its own. */
  readonly scale: Value;
  /** y = factor·x + offset, each [N, G, C/G]. */
  readonly factor: Value;
  readonly offset: Value;
  readonly y: Value;
}

/**
 * Group norm as one factor and one offset for each item and channel. The variance is E[x²] − E[x]²,
 * from sums over single channels: one pass over the image, with a relative error of about
 * 1e-7·(1 + mean²/variance).
 */
function normalize(
  x: Channels,
  inputs: KernelCall<unknown>['inputs'],
  { groups, epsilon }: GroupNormAttributes,
): Normalization {
  const size = x.channels / groups;
  const ofGroup = (means: Value) =>
    reshape(reduceMean(reshape(means, [x.items, groups, size]), [2]), [x.items, groups, 1]);
  const mean = ofGroup(x.means(x.value));
  const variance = maximum(sub(ofGroup(x.means(square(x.value))), square(mean)), 0);
  const inverseDeviation = reciprocal(sqrt(add(variance, epsilon)));
  const ofChannels = (factors: Traced) =>
    reshape(rows(factors), [factors.shape.length === 1 ? 1 : x.items, groups, size]);
  const scale = ofChannels(inputs.scale!);
  const factor = mul(inverseDeviation, scale);
  const offset = sub(ofChannels(inputs.offset!), mul(mean, factor));
  const y = x.affine(x.value, factor, offset);
  return { mean, inverseDeviation, scale, factor, offset, y };
}

function groupNorm({ inputs, attributes }: KernelCall<GroupNormAttributes>): Traced {
  const x = channelsOf(inputs.x!, inputs.x!.layout);
  const { y } = normalize(x, inputs, attributes);
  return x.tensor(attributes.activation === 'silu' ? mul(y, sigmoid(y)) : y);
}

/** The derivative in closed form, dx = factor·dy + p·x + q with p and q for each item and group. */
function groupNormGradient(call: KernelCall<GroupNormAttributes>): readonly Traced[] {
  const { inputs, attributes } = call;
  const layout = commonLayout([inputs.x!, inputs.dy!]);
  const x = channelsOf(inputs.x!, layout);
  const { items, channels, positions } = x;
  const { groups } = attributes;
  const size = channels / groups;
  const { mean, inverseDeviation, scale, factor, y } = normalize(x, inputs, attributes);
  const dz = image(inputs.dy!, layout);
  const dy = attributes.activation === 'silu' ? mul(dz, siluSlope(y)) : dz;

  const byGroup = (means: Value) => reshape(means, [items, groups, size]);
  const flow = byGroup(x.means(dy));
  const flowTimesX = byGroup(x.means(mul(dy, x.value)));
  const flowTimesNormalized = mul(sub(flowTimesX, mul(mean, flow)), inverseDeviation);
  const ofGroup = (value: Value) => reshape(reduceMean(value, [2]), [items, groups, 1]);
  const p = neg(mul(square(inverseDeviation), ofGroup(mul(flowTimesNormalized, scale))));
  const q = neg(add(mul(inverseDeviation, ofGroup(mul(flow, scale))), mul(p, mean)));
  const perChannel = (value: Value) => expand(value, [items, groups, size]);
  const dx = add(x.affine(dy, factor), x.affine(x.value, perChannel(p), perChannel(q)));

  const summed = (means: Value) =>
    inputs.scale!.shape.length === 1
      ? mul(reshape(reduceSum(means, [0]), [channels]), positions)
      : mul(reshape(means, [items, channels]), positions);
  return [x.tensor(dx), traced(summed(flowTimesNormalized)), traced(summed(flow))];
}

/** d silu/dy = s + y·s·(1 − s), from the sigmoid s and the product y·s that the forward pass has. */
function siluSlope(y: Value): Value {
  const gate = sigmoid(y);
  const z = mul(y, gate);
  return add(gate, sub(z, mul(z, gate)));
}

export const groupNormLowerings: readonly Lowering[] = [
  lowering('TweedieGroupNorm', groupNorm),
  lowering('TweedieGroupNormGrad', groupNormGradient),
];
