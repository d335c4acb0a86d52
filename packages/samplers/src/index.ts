import * as factories from './samplers.js';

export { aldCorrector, snrCorrector } from './correctors.js';
export { ddimInversion } from './ddim-inversion.js';
export { defineSampler, type RuleSampler } from './define-sampler.js';
export { interpretStep, type MadeStep } from './interpret-step.js';
export {
  type MetropolisLangevinOptions,
  type MetropolisReport,
  metropolisLangevin,
} from './metropolis-langevin.js';
export { correctedBy } from './predictor-corrector.js';
export { initialNoise, runSampler } from './run-sampler.js';
export * from './samplers.js';
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

/** All samplers that walk from noise to data, for registries. */
export const samplers = Object.values(factories);
