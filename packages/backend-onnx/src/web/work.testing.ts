import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { createParameterLayout, toTensor, valueAndGrad } from '@tweedie/autodiff';
import { createRng, type Network, type Params, type PureFunction } from '@tweedie/core';
import { mlp, unet2d } from '@tweedie/networks';

/** What a browser and Node compute alike: training steps with forward, gradients and Adam. */

interface State {
  readonly flat: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

export interface Work {
  /** (state, x, noise, time) → the next state and the loss. */
  readonly step: (
    state: State,
    x: Tensor,
    noise: Tensor,
    time: Tensor,
  ) => { state: State; loss: Tensor };
  start(): State;
  /** The arguments of a step, others for each. */
  batch(step: number): [x: Tensor, noise: Tensor, time: Tensor];
}

function workOf(network: Network, items: number): Work {
  const params = network.init(createRng(3));
  const layout = createParameterLayout(params);
  const lossAndGradient = valueAndGrad(({ flat }: Params, x: Tensor, noise: Tensor, time: never) =>
    tf.mean(tf.squaredDifference(network.apply(layout.unpack(flat!), x, { time } as never), noise)),
  );
  return {
    step({ flat, mean, variance }, x, noise, time) {
      const { value, grads } = lossAndGradient({ flat }, x, noise, time as never);
      const gradient = grads.flat!;
      const nextMean = tf.add(tf.mul(mean, 0.9), tf.mul(gradient, 0.1));
      const nextVariance = tf.add(tf.mul(variance, 0.999), tf.mul(tf.square(gradient), 0.001));
      const direction = tf.div(nextMean, tf.add(tf.sqrt(nextVariance), 1e-8));
      return {
        state: {
          flat: tf.sub(flat, tf.mul(direction, 1e-3)),
          mean: nextMean,
          variance: nextVariance,
        },
        loss: value,
      };
    },
    start() {
      // Initial weights of zero would hide what comes before them.
      const flat = tf.tidy(() =>
        tf.add(
          toTensor(layout.pack(params)),
          tf.mul(toTensor(createRng(4).normal([layout.size])), 0.05),
        ),
      );
      // A variance of one makes the update differentiable in the gradient: a first step of Adam
      // would turn the sign of rounding errors into whole steps.
      return { flat, mean: tf.zeros([layout.size]), variance: tf.ones([layout.size]) };
    },
    batch(step) {
      const rng = createRng(5).fork(step);
      const shape = [items, ...network.itemShape];
      return [
        toTensor(rng.fork('x').normal(shape)),
        toTensor(rng.fork('noise').normal(shape)),
        toTensor(rng.fork('time').uniform([items], 0.01, 0.99)),
      ];
    },
  };
}

export type WorkName = 'mlp' | 'tiny mlp' | 'unet' | 'tiny unet';

/** Convolutions, one attention on the way down, resampling, group norm; small everywhere. */
const unet = (size: number, channels: [number, number]) =>
  unet2d({
    sampleSize: size,
    inChannels: 1,
    outChannels: 1,
    blockOutChannels: channels,
    layersPerBlock: 1,
    attentionHeadDim: channels[0],
    addAttention: false,
    normNumGroups: 4,
    zeroInitOutput: false,
    downBlockTypes: ['DownBlock2D', 'AttnDownBlock2D'],
    upBlockTypes: ['UpBlock2D', 'UpBlock2D'],
  });

const works: Readonly<Record<WorkName, () => Work>> = {
  mlp: () => workOf(mlp({ features: 2, widths: [128, 128, 128] }), 512),
  'tiny mlp': () => workOf(mlp({ features: 2, widths: [8] }), 16),
  unet: () => workOf(unet(8, [8, 16]), 4),
  'tiny unet': () => workOf(unet(4, [4, 8]), 2),
};

export const workNamed = (name: WorkName): Work => works[name]();

type Run<F extends PureFunction> = (...args: Parameters<F>) => Promise<ReturnType<F>>;

export interface Outcome {
  readonly losses: number[];
  readonly parameters: number[];
}

/** Trains for some steps; leaves no tensor behind. */
export async function train(
  { start, batch }: Work,
  run: Run<Work['step']>,
  steps: number,
): Promise<Outcome> {
  let state = start();
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const args = batch(i);
    const next = await run(state, ...args);
    tf.dispose([state, args] as never);
    state = next.state;
    losses.push((await next.loss.data())[0]!);
    next.loss.dispose();
  }
  const parameters = Array.from(await state.flat.data());
  tf.dispose(state as never);
  return { losses, parameters };
}
