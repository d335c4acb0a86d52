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
} from '../ir/arithmetic.js';
import type { Value } from '../ir/graph.js';
import { reduceMean, reduceSum } from '../ir/reduction.js';
import { expand, reshape } from '../ir/shape.js';
import { type Channels, channelsOf } from '../tensors/channels.js';
import { commonLayout } from '../tensors/layout.js';
import { rowMajor, type SymbolicTensor, symbolic, valueIn } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';

interface GroupNormAttributes {
  readonly groups: number;
  readonly epsilon: number;
  readonly activation: 'none' | 'silu';
}

/** What both passes compute: written alike in both, it is computed once. */
interface Normalization {
  /** Of x + shift, as are the deviations: [N, G, 1]. */
  readonly mean: Value;
  readonly inverseDeviation: Value;
  /** [1, G, C/G], or [N, G, C/G] where each item has its own. */
  readonly scale: Value;
  /** [N, G, C/G], where there is one. */
  readonly shift: Value | undefined;
  /** Means of single channels of x, [N, G, C/G]. */
  readonly channelMeans: Value;
  /** y = factor·x + offset, each [N, G, C/G]. */
  readonly factor: Value;
  readonly offset: Value;
  readonly y: Value;
}

/**
 * Group norm as one factor and one offset for each item and channel. The variance is E[x²] − E[x]²,
 * from sums over single channels: one pass over the image, with a relative error of about
 * 1e-7·(1 + mean²/variance). A shift changes these small sums only: E[(x + s)²] = E[x²] + s(2E[x] + s).
 */
function normalize(
  x: Channels,
  inputs: KernelCall<unknown>['inputs'],
  { groups, epsilon }: GroupNormAttributes,
): Normalization {
  const size = x.channels / groups;
  const byGroup = (means: Value) => reshape(means, [x.items, groups, size]);
  const ofGroup = (means: Value) => reshape(reduceMean(means, [2]), [x.items, groups, 1]);
  const ofChannels = (factors: SymbolicTensor) =>
    reshape(rowMajor(factors), [factors.shape.length === 1 ? 1 : x.items, groups, size]);
  const channelMeans = byGroup(x.means(x.value));
  const squares = byGroup(x.productMeans(x.value, x.value));
  const shift = inputs.shift === undefined ? undefined : byGroup(rowMajor(inputs.shift));
  const mean = ofGroup(shift === undefined ? channelMeans : add(channelMeans, shift));
  const meanSquare = ofGroup(
    shift === undefined ? squares : add(squares, mul(shift, add(mul(channelMeans, 2), shift))),
  );
  const variance = maximum(sub(meanSquare, square(mean)), 0);
  const inverseDeviation = reciprocal(sqrt(add(variance, epsilon)));
  const scale = ofChannels(inputs.scale!);
  const factor = mul(inverseDeviation, scale);
  const centre = shift === undefined ? mean : sub(mean, shift);
  const offset = sub(ofChannels(inputs.offset!), mul(centre, factor));
  const y = x.affine(x.value, factor, offset);
  return { mean, inverseDeviation, scale, shift, channelMeans, factor, offset, y };
}

function groupNorm({ inputs, attributes }: KernelCall<GroupNormAttributes>): SymbolicTensor {
  const x = channelsOf(inputs.x!, inputs.x!.layout);
  const { y } = normalize(x, inputs, attributes);
  return x.tensor(attributes.activation === 'silu' ? mul(y, sigmoid(y)) : y);
}

/** The derivative in closed form, dx = factor·dy + p·(x + s) + q with p and q for each item and group. */
function groupNormGradient(call: KernelCall<GroupNormAttributes>): readonly SymbolicTensor[] {
  const { inputs, attributes } = call;
  const layout = commonLayout([inputs.x!, inputs.dy!]);
  const x = channelsOf(inputs.x!, layout);
  const { items, channels, positions } = x;
  const { groups } = attributes;
  const size = channels / groups;
  const { mean, inverseDeviation, scale, shift, channelMeans, factor, y } = normalize(
    x,
    inputs,
    attributes,
  );
  const dz = valueIn(inputs.dy!, layout);
  const dy = attributes.activation === 'silu' ? throughSilu(x, dz, y) : dz;

  const byGroup = (means: Value) => reshape(means, [items, groups, size]);
  const flow = byGroup(x.means(dy));
  const flowTimesX = byGroup(x.productMeans(dy, x.value));
  const centre = shift === undefined ? mean : sub(mean, shift);
  const flowTimesNormalized = mul(sub(flowTimesX, mul(centre, flow)), inverseDeviation);
  const ofGroup = (value: Value) => reshape(reduceMean(value, [2]), [items, groups, 1]);
  const p = neg(mul(square(inverseDeviation), ofGroup(mul(flowTimesNormalized, scale))));
  const q = neg(add(mul(inverseDeviation, ofGroup(mul(flow, scale))), mul(p, mean)));
  const perChannel = (value: Value) => expand(value, [items, groups, size]);
  const constant = shift === undefined ? perChannel(q) : add(mul(p, shift), q);
  const dx = add(x.affine(dy, factor), x.affine(x.value, perChannel(p), constant));

  const total = (means: Value) => mul(reshape(means, [items, channels]), positions);
  const summed = (means: Value) =>
    inputs.scale!.shape.length === 1
      ? mul(reshape(reduceSum(means, [0]), [channels]), positions)
      : total(means);
  const outputs = [x.tensor(dx), symbolic(summed(flowTimesNormalized)), symbolic(summed(flow))];
  if (shift === undefined) return outputs;
  const dshift = add(mul(factor, flow), add(mul(p, channelMeans), constant));
  return [...outputs, symbolic(total(dshift))];
}

/** dz·d silu/dy = dz·σ(y)·(1 + y − silu(y)). */
function throughSilu(x: Channels, dz: Value, y: Value): Value {
  const gate = sigmoid(y);
  return mul(mul(dz, gate), x.onePlusDifference(y, mul(y, gate)));
}

export const groupNormLowerings: readonly Lowering[] = [
  lowering('TweedieGroupNorm', groupNorm),
  lowering('TweedieGroupNormGrad', groupNormGradient),
  lowering('TweedieShiftedGroupNorm', groupNorm),
  lowering('TweedieShiftedGroupNormGrad', groupNormGradient),
];
