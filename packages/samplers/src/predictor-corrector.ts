import { integer, type JsonObject, number, plugin, TweedieError, variant } from '@tweedie/core';
import { aldCorrector, snrCorrector } from './correctors.js';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { defineSampler, type RuleSampler } from './define-sampler.js';
import { dpmpp2m } from './dpmpp-2m.js';
import { heun } from './heun.js';
import { passOn } from './pass-on.js';
import type { StepRule } from './step.js';

/**
 * A step that first corrects x at its level and then goes to the next. The corrector is any rule of
 * steps; it is given `to` equal to `from`. A predictor with memory keeps it from step to step.
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
    return step.repeat(predictor, { x: corrected.x, memory: step.memory });
  };
}

const snr = number({ default: 0.16, above: 0, doc: 'signal-to-noise ratio of a step' });

/**
 * Predictor–corrector sampling: at each level Langevin steps towards p_t, then the predictor's step to
 * the next. Song et al. (2021), algorithm 1 and appendix G; the order is that of score_sde. A grid that
 * ends clean ends with the predictor's step to the data, which adds no noise (score_sde's `denoise`).
 *
 * In score_sde's names, the predictor 'ancestral_sampling' is `ddpm` (for VP with
 * `variance: 'fixedLarge'`, for VE 'fixedSmall'), and 'reverse_diffusion' for VE is `ddpm` with
 * 'fixedLarge'. The predictor is any sampler, made (`heun()`) or named; other rules compose by
 * `correctedBy`. The corrector that goes by norms is score_sde's default, and not ours: see
 * `snrCorrector` for what it does to points.
 */
export const predictorCorrector = defineSampler({
  id: 'predictor-corrector',
  doc: 'a sampling step (predictor) after Langevin steps at its level (corrector)',
  source: 'Song et al. 2021, appendix G',
  options: {
    predictor: plugin('sampler', {
      known: [ddpm, ddim, heun, dpmpp2m],
      default: 'ddpm',
      optional: true,
      doc: 'sampler whose step goes from a level to the next; null leaves all to the corrector',
    }),
    corrector: variant(
      {
        ald: { doc: 'Langevin steps by σ', options: { snr } },
        langevin: {
          doc: 'Langevin steps by the norms of score and noise, for images',
          options: { snr },
        },
      },
      { default: 'ald', doc: 'what moves x at its level' },
    ),
    correctorSteps: integer({
      default: 1,
      min: 1,
      max: 1_000_000,
      doc: 'corrector steps at each level',
    }),
  },
  rule: ({ predictor, corrector: { name, snr }, correctorSteps }) =>
    correctedBy(
      predictor && ruleOf(predictor),
      name === 'ald' ? aldCorrector({ snr }) : snrCorrector({ snr }),
      correctorSteps,
    ),
  upgrade: partsFromOptions,
});

function ruleOf({ name, rule }: Pick<RuleSampler, 'name'> & Partial<RuleSampler>): StepRule {
  if (rule !== undefined) return rule;
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'samplers',
    given: `predictor-corrector: the predictor '${name}' has no rule of one step`,
    allowed: 'a sampler made by defineSampler',
  });
}

/** The predictor's variance and the corrector's ratio were options of the sampler. */
function partsFromOptions({ variance, snr, ...stored }: JsonObject): JsonObject {
  const { predictor = 'ddpm', corrector = 'ald' } = stored;
  return {
    ...stored,
    ...(predictor === 'none' && { predictor: null }),
    ...(predictor === 'ddpm' &&
      variance !== undefined && { predictor: { name: 'ddpm', options: { variance } } }),
    ...(typeof corrector === 'string' &&
      snr !== undefined && { corrector: { name: corrector, snr } }),
  };
}
