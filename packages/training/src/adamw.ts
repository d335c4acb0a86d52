import { add, div, mul, sqrt, square, sub, type Tensor1D } from '@tensorflow/tfjs-core';
import { defineFactory, number } from '@tweedie/core';
import type { Optimizer } from './optimizer.js';

/**
 * AdamW: Adam with decoupled weight decay. Kingma & Ba, "Adam" (2015), algorithm 1; Loshchilov &
 * Hutter, "Decoupled weight decay regularization" (2019), algorithm 2, with the decay scaled by the
 * learning rate as PyTorch does. `weightDecay: 0` is Adam.
 *
 * The update η m̂/(√v̂ + ε) is computed as η √c₂/c₁ · m/(√v + ε√c₂), with cᵢ = 1 − βᵢᵗ (the same
 * number by the note that ends section 2 of Adam), which saves two passes over the vectors.
 */
export const adamw = defineFactory({
  owner: 'training',
  id: 'adamw',
  doc: 'Adam with decoupled weight decay',
  options: {
    weightDecay: number({
      default: 0,
      min: 0,
      doc: 'decoupled decay of matrices and filters, a multiple of the learning rate',
    }),
    beta1: number({ default: 0.9, min: 0, below: 1, doc: "decay of the gradient's mean" }),
    beta2: number({ default: 0.999, min: 0, below: 1, doc: "decay of the gradient's square" }),
    epsilon: number({
      default: 1e-8,
      above: 0,
      doc: 'what is added to the root of the second moment',
    }),
  },
  create: ({
    weightDecay,
    beta1,
    beta2,
    epsilon,
  }): Pick<Optimizer, 'slots' | 'scalars' | 'update'> => ({
    slots: ['mean', 'variance'],
    scalars(step, learningRate) {
      const rootCorrection = Math.sqrt(1 - beta2 ** step);
      return {
        stepSize: (learningRate * rootCorrection) / (1 - beta1 ** step),
        epsilon: epsilon * rootCorrection,
        ...(weightDecay > 0 ? { decay: learningRate * weightDecay } : {}),
      };
    },
    update({ params, gradient, slots, decayMask, scalars }) {
      const mean = approach(slots.mean!, gradient, 1 - beta1);
      const variance = approach(slots.variance!, square(gradient), 1 - beta2);
      const direction = div(mean, add(sqrt(variance), scalars.epsilon!));
      const change = mul(direction, scalars.stepSize!);
      // Not (1 − decay)·params: in float32 that factor would round the decay to a few digits.
      const decayed =
        scalars.decay === undefined
          ? change
          : add(change, mul(mul(params, decayMask), scalars.decay));
      return { params: sub(params, decayed), slots: { mean, variance } };
    },
  }),
});

/**
 * average + rate·(value − average). Unlike (1 − rate)·average + rate·value it has no bias where the
 * two rounded factors do not add up to 1.
 */
function approach(average: Tensor1D, value: Tensor1D, rate: number): Tensor1D {
  return add(average, mul(sub(value, average), rate));
}

/** All optimizers, for registries. */
export const optimizers = [adamw] as const;
