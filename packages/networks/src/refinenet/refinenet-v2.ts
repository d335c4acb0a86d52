import { neg } from '@tensorflow/tfjs-core';
import { defineFactory } from '@tweedie/core';
import { declaredNetwork } from '../kit/declared-network.js';
import { declareRefinenet } from './network.js';
import { none, unconditionalInstanceNormPlus } from './normalization.js';
import { refinenetOptions } from './options.js';
import { planStages } from './plan.js';
import type { RefinenetStyle } from './style.js';

/**
 * The RefineNet of NCSNv2 on images [B, height, width, channels], which is not conditioned on the
 * noise level: the score is s(x, σ) = h(x)/σ. Song & Ermon, "Improved techniques for training
 * score-based generative models" (2020), technique 3 and appendix A. Names and shapes of parameters are those of
 * the authors' networks but for their buffer 'sigmas', so that their checkpoints fit.
 *
 * It returns −h(x) = −σ s, the noise ε̂: with `noisePrediction` the score is −ε̂/σ = h(x)/σ, where
 * σ comes from the schedule, in float64. The time input is ignored.
 *
 * NCSNv2 has the default stages; NCSNv2Deeper multipliers [1, 2, 2, 4, 4] and dilations
 * [1, 1, 1, 2, 4]; NCSNv2Deepest [1, 2, 2, 2, 4, 4] and [1, 1, 1, 1, 2, 4].
 *
 * @throws TweedieError INVALID_OPTION when the stages do not fit
 */
export const refinenetV2 = defineFactory({
  owner: 'networks',
  id: 'refinenet-v2',
  doc: 'the RefineNet of NCSNv2 on images, which predicts the noise without its level as an input',
  source: 'Song & Ermon 2020',
  options: refinenetOptions,
  create(options) {
    const stages = planStages('refinenet-v2', options);
    const style: RefinenetStyle = {
      activation: options.activation,
      normalization: unconditionalInstanceNormPlus,
      refinementNormalization: none,
      pooling: 'max',
    };
    const itemShape = [...stages[0]!.size, options.channels];
    return declaredNetwork({ name: 'refinenet-v2', itemShape, classes: 0 }, (scope) => {
      const forward = declareRefinenet(scope, style, options, stages);
      return (params, x) => neg(forward(params, x, undefined));
    });
  },
});
