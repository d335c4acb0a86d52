import { add, div, mul, sqrt, square, sub, type Tensor1D } from '@tensorflow/tfjs-core';
import { number, type OptimizerInputs, type OptimizerSlots } from '@tweedie/core';

/** The options of Adam's moments. */
export const momentOptions = {
  beta1: number({ default: 0.9, min: 0, below: 1, doc: "decay of the gradient's mean" }),
  beta2: number({ default: 0.999, min: 0, below: 1, doc: "decay of the gradient's square" }),
  epsilon: number({
    default: 1e-8,
    above: 0,
    doc: 'what is added to the root of the second moment',
  }),
} as const;

export interface MomentOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The vectors that Adam keeps: running means of the gradient and of its square. */
export const momentSlots = ['mean', 'variance'] as const;

/**
 * The numbers of one step of Adam: Kingma & Ba, "Adam" (2015), algorithm 1.
 *
 * The update η m̂/(√v̂ + ε) is computed as η √c₂/c₁ · m/(√v + ε√c₂), with cᵢ = 1 − βᵢᵗ (the same
 * number by the note that ends section 2 of Adam), which saves two passes over the vectors.
 */
export function momentScalars(
  { beta1, beta2, epsilon }: MomentOptions,
  step: number,
  learningRate: number,
): { readonly stepSize: number; readonly epsilon: number } {
  const rootCorrection = Math.sqrt(1 - beta2 ** step);
  return {
    stepSize: (learningRate * rootCorrection) / (1 - beta1 ** step),
    epsilon: epsilon * rootCorrection,
  };
}

/** The moments after a gradient, [P] each. */
export function updateMoments(
  { beta1, beta2 }: MomentOptions,
  slots: OptimizerSlots,
  gradient: Tensor1D,
): { readonly mean: Tensor1D; readonly variance: Tensor1D } {
  return {
    mean: approach(slots.mean!, gradient, 1 - beta1),
    variance: approach(slots.variance!, square(gradient), 1 - beta2),
  };
}

/** The step that the moments give, to be subtracted from the parameters, [P]. */
export function momentStep(
  { mean, variance }: { readonly mean: Tensor1D; readonly variance: Tensor1D },
  scalars: OptimizerInputs['scalars'],
): Tensor1D {
  return mul(div(mean, add(sqrt(variance), scalars.epsilon!)), scalars.stepSize!);
}

/**
 * average + rate·(value − average). Unlike (1 − rate)·average + rate·value it has no bias where the
 * two rounded factors do not add up to 1.
 */
function approach(average: Tensor1D, value: Tensor1D, rate: number): Tensor1D {
  return add(average, mul(sub(value, average), rate));
}
