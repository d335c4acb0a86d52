import { choice, integer, number } from '@tweedie/core';
import { aldCorrector, snrCorrector } from './correctors.js';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { defineSampler } from './define-sampler.js';
import { passOn } from './pass-on.js';
import type { StepRule } from './step.js';

/**
 * A step that first corrects x at its level and then goes to the next. The corrector is any rule of
 * steps; it is given `to` equal to `from`.
 *
 * @param predictor null for none: x passes unchanged to the next level, and to the clean level as the
 *   estimate of the data, with one more call
 * @param corrector e.g. `snrCorrector({ snr: 0.16 })`, or the rule of a sampler
 * @param times how often the corrector is applied before each step
 * @example
 * const sampler = defineSampler({
 *   owner: 'mine', id: 'corrected-ddim', doc: 'DDIM at eta 0.3, corrected', options: {},
 *   rule: () => correctedBy(ddim({ eta: 0.3 }).rule, aldCorrector({ snr: 0.1 }), 2),
 * })();
 */
export function correctedBy(predictor: StepRule | null, corrector: StepRule, times = 1): StepRule {
  return async (step) => {
    const corrected = await step.repeat(corrector, { times, to: step.from });
    if (predictor === null) return passOn(step, corrected, true);
    return step.repeat(predictor, { x: corrected.x });
  };
}

/**
 * Predictor–corrector sampling: at each level Langevin steps towards p_t, then the predictor's step to
 * the next. Song et al. (2021), algorithm 1 and appendix G; the order is that of score_sde. A grid that
 * ends clean ends with the predictor's step to the data, which adds no noise (score_sde's `denoise`).
 *
 * In score_sde's names, the predictor 'ancestral_sampling' is 'ddpm' (for VP with
 * `variance: 'fixedLarge'`, for VE 'fixedSmall'), and 'reverse_diffusion' for VE is 'ddpm' with
 * 'fixedLarge'; other options and rules compose by `correctedBy`. The corrector that goes by norms is
 * score_sde's default, and not ours: see `snrCorrector` for what it does to points.
 */
export const predictorCorrector = defineSampler({
  id: 'predictor-corrector',
  doc: 'a sampling step (predictor) after Langevin steps at its level (corrector)',
  source: 'Song et al. 2021, appendix G',
  options: {
    predictor: choice(['ddpm', 'ddim', 'none'], {
      default: 'ddpm',
      doc: 'how x goes from a level to the next; none leaves all to the corrector',
    }),
    variance: choice(['fixedSmall', 'fixedLarge'], {
      default: 'fixedSmall',
      doc: 'noise of the predictor ddpm',
    }),
    corrector: choice(['langevin', 'ald'], {
      default: 'ald',
      doc: 'its step by σ (ald), or by the norms of score and noise (langevin; for images)',
    }),
    snr: number({ default: 0.16, above: 0, doc: 'signal-to-noise ratio of a corrector step' }),
    correctorSteps: integer({ default: 1, min: 1, doc: 'corrector steps at each level' }),
  },
  rule: ({ predictor, variance, corrector, snr, correctorSteps }) =>
    correctedBy(
      { ddpm: ddpm({ variance }).rule, ddim: ddim().rule, none: null }[predictor],
      corrector === 'ald' ? aldCorrector({ snr }) : snrCorrector({ snr }),
      correctorSteps,
    ),
});
