import { sub } from '@tensorflow/tfjs-core';
import { defineFactory, type Optimizer } from '@tweedie/core';
import { momentOptions, momentScalars, momentSlots, momentStep, updateMoments } from './moments.js';
import { penalizedGradient, weightPenaltyOption } from './weight-penalty.js';

/**
 * Adam. Kingma & Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1; weight decay
 * is an L2 penalty, part of the gradient, as in torch.optim.Adam. AdamW has it apart.
 */
export const adam = defineFactory({
  owner: 'training',
  id: 'adam',
  doc: "steps of the gradient's running mean over the root of that of its square",
  source: 'Kingma & Ba 2015, algorithm 1',
  options: { weightDecay: weightPenaltyOption, ...momentOptions },
  create: (options): Pick<Optimizer, 'slots' | 'scalars' | 'update'> => ({
    slots: momentSlots,
    scalars: (step, learningRate) => ({ ...momentScalars(options, step, learningRate) }),
    update(inputs) {
      const gradient = penalizedGradient(inputs, options.weightDecay);
      const moments = updateMoments(options, inputs.slots, gradient);
      return { params: sub(inputs.params, momentStep(moments, inputs.scalars)), slots: moments };
    },
  }),
});
