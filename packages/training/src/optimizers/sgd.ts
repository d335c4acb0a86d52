import { add, mul, sub, type Tensor1D } from '@tensorflow/tfjs-core';
import { boolean, defineFactory, number, type Optimizer, TweedieError } from '@tweedie/core';
import { penalizedGradient, weightPenaltyOption } from './weight-penalty.js';

/**
 * Stochastic gradient descent with momentum, as torch.optim.SGD without dampening: b ← μb + g and
 * θ ← θ − ηb, or θ ← θ − η(g + μb) with Nesterov's momentum. Sutskever et al., "On the importance of
 * initialization and momentum in deep learning" (2013), section 2, with the learning rate outside
 * the velocity.
 *
 * @throws TweedieError INVALID_OPTION for `nesterov` without momentum
 */
export const sgd = defineFactory({
  owner: 'training',
  id: 'sgd',
  doc: 'gradient descent, with momentum',
  source: 'Sutskever et al. 2013, section 2',
  options: {
    momentum: number({
      default: 0.9,
      min: 0,
      below: 1,
      doc: 'decay of the sum of gradients along which a step goes; 0 goes along the gradient alone',
    }),
    nesterov: boolean({ default: false, doc: "Nesterov's momentum, which looks a step ahead" }),
    weightDecay: weightPenaltyOption,
  },
  create({ momentum, nesterov, weightDecay }): Pick<Optimizer, 'slots' | 'scalars' | 'update'> {
    if (nesterov && momentum === 0) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: 'training',
        given: 'sgd: nesterov is true and momentum is 0',
        allowed: 'nesterov with a momentum above 0',
      });
    }
    return {
      slots: momentum > 0 ? ['momentum'] : [],
      scalars: (_step, learningRate) => ({ learningRate }),
      update(inputs) {
        const { params, scalars } = inputs;
        const gradient = penalizedGradient(inputs, weightDecay);
        if (momentum === 0) {
          return { params: sub(params, mul(gradient, scalars.learningRate!)), slots: {} };
        }
        const sum: Tensor1D = add(mul(inputs.slots.momentum!, momentum), gradient);
        const direction = nesterov ? add(gradient, mul(sum, momentum)) : sum;
        return {
          params: sub(params, mul(direction, scalars.learningRate!)),
          slots: { momentum: sum },
        };
      },
    };
  },
});
