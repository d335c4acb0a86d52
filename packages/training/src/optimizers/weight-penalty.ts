import { add, mul, type Tensor1D } from '@tensorflow/tfjs-core';
import { number, type OptimizerInputs } from '@tweedie/core';

/** The option of optimizers that decay weights by their gradient. */
export const weightPenaltyOption = number({
  default: 0,
  min: 0,
  doc: 'L2 penalty of matrices and filters: what is added to their gradient, a multiple of them',
});

/**
 * The gradient of loss + weightDecay/2·Σw² over the weights that the mask has, [P]; weight decay as
 * in torch.optim.SGD and torch.optim.Adam.
 */
export function penalizedGradient(
  { params, gradient, decayMask }: OptimizerInputs,
  weightDecay: number,
): Tensor1D {
  if (weightDecay === 0) return gradient;
  return add(gradient, mul(mul(params, decayMask), weightDecay));
}
