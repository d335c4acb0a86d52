import { annealedLangevin } from './annealed-langevin.js';
import { ddim } from './ddim.js';
import { ddimInversion } from './ddim-inversion.js';
import { ddpm } from './ddpm.js';
import { langevin } from './langevin.js';
import { predictorCorrector } from './predictor-corrector.js';

export { aldCorrector, snrCorrector } from './correctors.js';
export {
  type MetropolisLangevinOptions,
  type MetropolisReport,
  metropolisLangevin,
} from './metropolis-langevin.js';
export { correctedBy } from './predictor-corrector.js';
export { initialNoise, runSampler } from './run-sampler.js';
export {
  defineSampler,
  type SamplerFactory,
  type Step,
  type StepResult,
  type StepRule,
  weightedSum,
} from './sampler.js';
export { scoreOf } from './score.js';
export { annealedLangevin, ddim, ddimInversion, ddpm, langevin, predictorCorrector };

/** All samplers that walk from noise to data, for registries. */
export const samplers = [ddpm, ddim, langevin, annealedLangevin, predictorCorrector] as const;
