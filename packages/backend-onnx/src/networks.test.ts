import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { createParameterLayout, toTensor, valueAndGrad } from '@tweedie/autodiff';
import { createRng, type Network, type Params } from '@tweedie/core';
import { mlp, refinenet, refinenetV2, unet2d } from '@tweedie/networks';
import { describe, expect, it } from 'vitest';
import { agreement, normal, uniform, whole } from './agreement.testing.js';

/** A training step as `@tweedie/training` runs it: flat vectors, gradients, Adam. */
function stepOf(network: Network) {
  const params = network.init(createRng(3));
  const layout = createParameterLayout(params);
  const loss = valueAndGrad(({ flat }: Params, x: Tensor, noise: Tensor, conditioning: never) =>
    tf.mean(tf.squaredDifference(network.apply(layout.unpack(flat!), x, conditioning), noise)),
  );
  const step = (
    state: { flat: Tensor; mean: Tensor; variance: Tensor },
    x: Tensor,
    noise: Tensor,
    conditioning: never,
  ) => {
    const { value, grads } = loss({ flat: state.flat }, x, noise, conditioning);
    const gradient = grads.flat!;
    const mean = tf.add(tf.mul(state.mean, 0.9), tf.mul(gradient, 0.1));
    const variance = tf.add(tf.mul(state.variance, 0.999), tf.mul(tf.square(gradient), 0.001));
    const direction = tf.div(mean, tf.add(tf.sqrt(variance), 1e-8));
    return { value, gradient, mean, flat: tf.sub(state.flat, tf.mul(direction, 1e-3)) };
  };
  const flat = toTensor(layout.pack(params));
  // Initial weights of zero would hide what comes before them.
  const state = {
    flat: tf.add(flat, tf.mul(normal(layout.size), 0.05)),
    mean: tf.zeros([layout.size]),
    variance: tf.ones([layout.size]),
  };
  return { step, state };
}

const tiny = {
  layersPerBlock: 1,
  inChannels: 1,
  outChannels: 1,
  attentionHeadDim: 4,
  zeroInitOutput: false,
  downBlockTypes: ['DownBlock2D', 'AttnDownBlock2D'],
  upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D'],
} as const;

const shallow = { channels: 1, multipliers: [1, 2, 2], dilations: [1, 1, 2] } as const;

const networks: [string, Network, number][] = [
  ['mlp', mlp({ features: 2, widths: [32, 32] }), 64],
  [
    'unet2d of few channels and an odd size',
    unet2d({ ...tiny, sampleSize: 9, blockOutChannels: [8, 12], normNumGroups: 4 }),
    3,
  ],
  [
    'unet2d in blocks',
    unet2d({ ...tiny, sampleSize: 8, blockOutChannels: [16, 32], normNumGroups: 8 }),
    16,
  ],
  [
    'refinenet of few channels and an odd size',
    refinenet({ ...shallow, sampleSize: 5, ngf: 4, levels: 3 }),
    3,
  ],
  ['refinenet in blocks', refinenet({ ...shallow, sampleSize: 4, ngf: 16, levels: 3 }), 16],
  [
    'refinenetV2 of few channels and an odd size',
    refinenetV2({ ...shallow, sampleSize: 5, ngf: 4 }),
    3,
  ],
  ['refinenetV2 in blocks', refinenetV2({ ...shallow, sampleSize: 4, ngf: 16 }), 16],
];

describe('a training step', () => {
  it.each(networks)('%s', async (_name, network, items) => {
    const { step, state } = stepOf(network);
    const shape = [items, ...network.itemShape];
    const conditioning = { time: uniform(0.01, 2, items), label: whole(0, 3, items) };
    const result = await agreement(step, state, normal(...shape), normal(...shape), conditioning);
    expect(result.difference).toBeLessThan(1e-4);
  });
});
