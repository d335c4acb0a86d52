import { annealedLangevin } from './annealed-langevin.js';
import { ddim } from './ddim.js';
import { ddimInversion } from './ddim-inversion.js';
import { ddpm } from './ddpm.js';
import { dpmpp2m } from './dpmpp-2m.js';
import { heun } from './heun.js';
import { langevin } from './langevin.js';
import { predictorCorrector } from './predictor-corrector.js';

export { aldCorrector, snrCorrector } from './correctors.js';
export { defineSampler, type RuleSampler } from './define-sampler.js';
export { interpretStep, type MadeStep } from './interpret-step.js';
export {
  type MetropolisLangevinOptions,
  type MetropolisReport,
  metropolisLangevin,
} from './metropolis-langevin.js';
export { correctedBy } from './predictor-corrector.js';
export { initialNoise, runSampler } from './run-sampler.js';
export { scoreOf } from './score.js';
export type {
  RepeatChanges,
  Step,
  StepOperations,
  StepPlace,
  StepResult,
  StepRule,
} from './step.js';
export { mapMemory, memoryTensors } from './step-memory.js';
export { weightedSum } from './weighted-sum.js';
export { annealedLangevin, ddim, ddimInversion, ddpm, dpmpp2m, heun, langevin, predictorCorrector };

/** All samplers that walk from noise to data, for registries. */
export const samplers = [
  ddpm,
  ddim,
  heun,
  dpmpp2m,
  langevin,
  annealedLangevin,
  predictorCorrector,
] as const;
