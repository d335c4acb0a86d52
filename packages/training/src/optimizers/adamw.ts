import { add, mul, sub } from '@tensorflow/tfjs-core';
import { defineFactory, number, type Optimizer } from '@tweedie/core';
import { momentOptions, momentScalars, momentSlots, momentStep, updateMoments } from './moments.js';

/**
 * AdamW: Adam with decoupled weight decay. Loshchilov & Hutter, "Decoupled weight decay
 * regularization" (2019), algorithm 2, with the decay scaled by the learning rate as
 * torch.optim.AdamW does.
 */
export const adamw = defineFactory({
  owner: 'training',
  id: 'adamw',
  doc: 'Adam with decoupled weight decay',
  source: 'Loshchilov & Hutter 2019, algorithm 2',
  options: {
    weightDecay: number({
      default: 0,
      min: 0,
      doc: 'decoupled decay of matrices and filters, a multiple of the learning rate',
    }),
    ...momentOptions,
  },
  create: (options): Pick<Optimizer, 'slots' | 'scalars' | 'update'> => ({
    slots: momentSlots,
    scalars: (step, learningRate) => ({
      ...momentScalars(options, step, learningRate),
      ...(options.weightDecay > 0 ? { decay: learningRate * options.weightDecay } : {}),
    }),
    update({ params, gradient, slots, decayMask, scalars }) {
      const moments = updateMoments(options, slots, gradient);
      const change = momentStep(moments, scalars);
      // Not (1 − decay)·params: in float32 that factor would round the decay to a few digits.
      const decayed =
        scalars.decay === undefined
          ? change
          : add(change, mul(mul(params, decayMask), scalars.decay));
      return { params: sub(params, decayed), slots: moments };
    },
  }),
});
