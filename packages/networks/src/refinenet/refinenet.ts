import { abs, clipByValue, relu, reshape, sub, type Tensor, tensor2d } from '@tensorflow/tfjs-core';
import { defineFactory, integer } from '@tweedie/core';
import { declaredNetwork } from '../kit/declared-network.js';
import { declareRefinenet } from './network.js';
import { conditionalInstanceNormPlus } from './normalization.js';
import { refinenetOptions } from './options.js';
import { planStages } from './plan.js';
import type { RefinenetStyle } from './style.js';

/**
 * The noise-conditional RefineNet of NCSN on images [B, height, width, channels]: every
 * normalisation has parameters for each noise level. Song & Ermon, "Generative modeling by estimating
 * gradients of the data distribution" (2019), appendix A. Names and shapes of parameters are those of
 * the authors' network, convolutions [out, in, height, width], so that its checkpoints fit.
 *
 * The time is the step t = 0 … levels − 1 of a discrete schedule (a parameterization with
 * `conditionOn: 'time'`, a schedule of as many steps), and noise grows with it. The authors count
 * levels from the most noise on; row i of an embedding is as theirs, so t = levels − 1 − i. Between
 * levels the rows are interpolated linearly; beyond the ends they are constant.
 *
 * The authors' output is the score itself: `scorePrediction`. Any other parameterization trains too.
 *
 * Any image size works: where the authors' network cannot halve an odd size, a row and a column of
 * zeros are added first, as by their `adjust_padding`.
 *
 * @throws TweedieError INVALID_OPTION when the stages do not fit
 */
export const refinenet = defineFactory({
  owner: 'networks',
  id: 'refinenet',
  doc: 'the RefineNet of NCSN on images, with normalisations of their own for each noise level',
  source: 'Song & Ermon 2019, appendix A',
  options: {
    levels: integer({ default: 10, min: 1, max: 100_000, doc: 'number of noise levels' }),
    ...refinenetOptions,
  },
  create(options) {
    const { levels, activation } = options;
    const stages = planStages('refinenet', options);
    const normalization = conditionalInstanceNormPlus(levels);
    const style: RefinenetStyle = {
      activation,
      normalization,
      refinementNormalization: normalization,
      pooling: 'mean',
    };
    const itemShape = [...stages[0]!.size, options.channels];
    const network = declaredNetwork({ name: 'refinenet', itemShape, classes: 0 }, (scope) => {
      const forward = declareRefinenet(scope, style, options, stages);
      return (params, x, { time }) => forward(params, x, levelWeights(time, levels));
    });
    return { ...network, noiseLevels: levels };
  },
});

/** Weights of the rows of an embedding, [B, levels]: 1 at the level of each item. */
function levelWeights(time: Tensor, levels: number): Tensor {
  const t = reshape(clipByValue(time, 0, levels - 1), [-1, 1]);
  const steps = Float32Array.from({ length: levels }, (_, row) => levels - 1 - row);
  return relu(sub(1, abs(sub(t, tensor2d(steps, [1, levels])))));
}
